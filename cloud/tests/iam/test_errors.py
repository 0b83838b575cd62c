"""Our errors are those of AWS's models, by code."""

from __future__ import annotations

import botocore.session
import pytest

from marinelayer.model.errors import ServiceError
from marinelayer.services.iam import errors as iam
from marinelayer.services.sns import errors as sns

_NOT_IN_ITS_MODEL = {"ValidationError"}  # IAM's front end answers it for what the model's constraints refuse


@pytest.mark.parametrize(("service", "module"), [("iam", iam), ("sns", sns)])
def test_every_error_is_one_of_the_services_model(service: str, module: object) -> None:
    model = botocore.session.get_session().get_service_model(service)
    known = {shape.metadata.get("error", {}).get("code") for shape in model.error_shapes}
    ours = [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, ServiceError) and value is not ServiceError
    ]
    assert ours
    assert {error.code for error in ours} - _NOT_IN_ITS_MODEL <= known
