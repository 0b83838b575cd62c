"""A request's path through the house. See `pipeline.path` for the ordered list of steps."""

from marinelayer.pipeline.authorise import RequestAuthoriser
from marinelayer.pipeline.calls import PipelineCalls
from marinelayer.pipeline.own import OwnRoute
from marinelayer.pipeline.path import Pipeline

__all__ = ["OwnRoute", "Pipeline", "PipelineCalls", "RequestAuthoriser"]
