"""One statement, compiled: what it says of an action on a resource under a request's condition keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from marinelayer.security.identity import Principal
from marinelayer.security.policy.conditions.condition import Test, compile_condition
from marinelayer.security.policy.document import ConditionLine, MalformedPolicyError, StatementDocument
from marinelayer.security.policy.principals import Reach, read_principals
from marinelayer.security.policy.variables import Context, Template, read_template
from marinelayer.security.policy.wildcard import Matcher, any_glob, everything, glob, wild

_LONGEST_LABEL = 128
ResourceTest = Callable[[str, Context], bool]


class Statement:
    """A compiled statement. `label` is how a decision names it: its Sid, else its number."""

    __slots__ = (
        "_action",
        "_conditions",
        "_fixed",
        "_not_principal",
        "_principals",
        "_resource",
        "allow",
        "label",
        "source",
    )

    def __init__(self, source: StatementDocument, *, variables: bool) -> None:
        """Compile `source`; `variables` says whether the document's version has policy variables.

        Raises:
            MalformedPolicyError: a condition can not be read.
        """
        self.source = source
        self.allow = source.allow
        self.label = source.sid[:_LONGEST_LABEL] or str(source.index)
        self._action = _actions(source)
        self._fixed = None if source.not_resource else _fixed_resources(source, variables=variables)
        self._resource = _resources(source, variables=variables)
        self._principals = None if source.principals is None else read_principals(source.principals)
        self._not_principal = source.not_principal
        self._conditions = _conditions(source, variables=variables)

    def covers(self, action: str) -> bool:
        """Whether it is about the lower-case `action`."""
        return self._action(action)

    def applies(self, resource: str, context: Context) -> bool:
        """Whether it is about this resource, and its conditions hold."""
        if not (self._resource(resource, context) if self._fixed is None else self._fixed(resource)):
            return False
        for test in self._conditions:  # noqa: SIM110 -- a generator would cost as much as the tests
            if not test(context):
                return False
        return True

    def is_on(self, resource: str, context: Context) -> bool:
        """Whether it is about this resource, whatever its conditions say."""
        return self._resource(resource, context) if self._fixed is None else self._fixed(resource)

    def unmet(self, context: Context) -> tuple[ConditionLine, ...]:
        """The lines of its condition that do not hold."""
        lines = zip(self.source.conditions, self._conditions, strict=True)
        return tuple(line for line, test in lines if not test(context))

    def reach(self, principal: Principal, recorded: Mapping[str, str]) -> Reach | None:
        """How it names `principal`; None where it does not, or names nobody (an identity's policy)."""
        if self._principals is None:
            return None
        named = self._principals.reach(principal, recorded)
        if not self._not_principal:
            return named
        # Both readings are the careful one: naming an account keeps all of it out of a grant, but saves only the
        # principals that are named themselves from a denial.
        spared = named is not None if self.allow else named in ("direct", "role")
        return None if spared else "direct"


def _actions(source: StatementDocument) -> Matcher:
    matchers = tuple(glob(wild(action.lower())) for action in source.actions)
    if source.not_action:
        return lambda action: not any(matches(action) for matches in matchers)
    if len(matchers) == 1:
        return matchers[0]
    return lambda action: any(matches(action) for matches in matchers)


def _fixed_resources(source: StatementDocument, *, variables: bool) -> Matcher | None:
    """A function over a resource, where no variable changes which ones the statement is about; None where one does."""
    if source.resources is None:
        return everything
    read = [read_template(text, variables=variables, wild=True) for text in source.resources]
    fixed = [one for one in read if not isinstance(one, Template)]
    return any_glob(fixed) if len(fixed) == len(read) else None


def _resources(source: StatementDocument, *, variables: bool) -> ResourceTest:
    read = [read_template(text, variables=variables, wild=True) for text in source.resources or ()]
    fixed = any_glob([one for one in read if not isinstance(one, Template)])
    templates = tuple(one for one in read if isinstance(one, Template))
    if source.not_resource:
        return lambda resource, context: not _any(resource, context, fixed, templates, unfilled=source.allow)
    return lambda resource, context: _any(resource, context, fixed, templates, unfilled=False)


def _any(resource: str, context: Context, fixed: Matcher, templates: tuple[Template, ...], *, unfilled: bool) -> bool:
    """Whether any pattern matches. `unfilled` is the answer for a template whose variables have no value: nothing is
    granted, and nothing spared from a denial, by lack of a value."""
    if fixed(resource):
        return True
    for template in templates:
        pattern = template.fill(context)
        if unfilled if pattern is None else glob(pattern, arn=True)(resource):
            return True
    return False


def _conditions(source: StatementDocument, *, variables: bool) -> tuple[Test, ...]:
    try:
        return tuple(
            compile_condition(line.operator, line.key, line.values, variables=variables) for line in source.conditions
        )
    except ValueError as error:
        raise MalformedPolicyError(str(error), element="Condition") from None
