"""What the cloud serves, as the classes of its services declare it."""

import importlib
import inspect
import pkgutil

SERVICES = ("s3", "s3control", "iam", "sts", "sns", "rekognition", "comprehend", "translate")


def declared_operations():
    """What each service declares, by the classes of its package: `{service: {operation: needs}}`."""
    found = {service: {} for service in SERVICES}
    for service, operations in found.items():
        package = importlib.import_module(f"marinelayer.services.{service}")
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            for noun in vars(importlib.import_module(module.name)).values():
                if inspect.isclass(noun) and noun.__module__ == module.name:
                    declared = (getattr(method, "declared_operation", None) for _, method in inspect.getmembers(noun))
                    operations.update({name: needs for name, needs, *_ in filter(None, declared)})
    return found
