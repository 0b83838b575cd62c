"""The small Protocols that services need, and that adapters in `storage`, `engines` and `delivery` fulfil.

Nothing here does anything. A port is declared by what its callers need, never by what an adapter can.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Concatenate, Literal, ParamSpec, Protocol, TypeVar

from marinelayer.http import FileRange

if TYPE_CHECKING:
    from marinelayer.protocol.s3_select.formats import Formats
    from marinelayer.security.identity import Identity, Principal
    from marinelayer.security.requirement import Requirement, ResourceAccess
    from marinelayer.security.session import Session

P = ParamSpec("P")
R = TypeVar("R")

Value = int | float | str | bytes | None
Row = Mapping[str, Any]


# --- time and chance ------------------------------------------------------------------------------------------


class Clock(Protocol):
    """The time, so that tests can hold it."""

    def now(self) -> int:
        """Microseconds since the epoch, UTC."""
        ...


class Ids(Protocol):
    """Unguessable names, so that tests can foresee them."""

    def token(self, size: int = 32) -> str:
        """`size` random lower-case hex digits."""
        ...

    def ordered(self) -> str:
        """32 lower-case hex digits of which those made later sort behind: rows under such names come to lie beside each
        other, where one write to the disk takes them in."""
        ...

    def aws(self, prefix: str, size: int = 21) -> str:
        """An IAM style id: `prefix` (`AIDA`, `AKIA`) filled with random upper-case letters and digits 2-7."""
        ...

    def secret(self) -> str:
        """A 40 character secret access key."""
        ...


# --- state ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Statement:
    """A named DML statement from a `.sql` file, in the subset that SQLite and PostgreSQL share, with `:name`
    parameters."""

    name: str
    sql: str


class Transaction(Protocol):
    """Statements inside one transaction. Synchronous: no I/O, clock or randomness may happen in between."""

    def one(self, statement: Statement, **values: Value) -> Row | None:
        """The first row, or None."""
        ...

    def all(self, statement: Statement, **values: Value) -> list[Row]:
        """Every row."""
        ...

    def run(self, statement: Statement, **values: Value) -> int:
        """Run it; the number of rows changed."""
        ...


class Revision(Protocol):
    """Tells whether some tables have changed, for what is remembered of them."""

    @property
    def number(self) -> int | None:
        """While it stays the same, no write to these tables has been acknowledged: what was read after one look at it
        still holds at the next. None where that can not be told, since others write to them too."""
        ...


class Tables(Protocol):
    """Metadata. A write function may be run again from its start, so that it must have no effect but its
    statements; its result is returned when its commit is on disk."""

    async def write(
        self, function: Callable[Concatenate[Transaction, P], R], /, *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Run `function(tx, ...)` in a serializable transaction; whatever it raises undoes it and is raised."""
        ...

    async def read(self, function: Callable[Concatenate[Transaction, P], R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Run `function(tx, ...)` on one snapshot, read only."""
        ...

    def revision(self, *tables: str) -> Revision:
        """The revision of these tables together. Made once for a reader that lives as long as the tables."""
        ...


class BlobWriter(Protocol):
    """Bytes on their way to disk, under a name that no one else knows."""

    @property
    def blob_id(self) -> str:
        """The random name under which `finish` leaves the bytes."""
        ...

    async def write(self, piece: bytes) -> None:
        """Append."""
        ...

    async def finish(self) -> None:
        """Make it durable: after this returns it survives a power cut, though no row names it yet."""
        ...

    async def abandon(self) -> None:
        """Remove what was written. Safe after `finish` and when called twice."""
        ...


class Blobs(Protocol):
    """Immutable bytes of larger objects, by id."""

    def create(self) -> BlobWriter:
        """A writer of a new blob."""
        ...

    def read(self, blob_id: str, offset: int, length: int) -> FileRange:
        """`length` bytes from `offset`, which may be opened from another thread."""
        ...

    async def delete(self, blob_id: str) -> None:
        """Remove it; nothing happens if it is gone."""
        ...

    def ids(self) -> AsyncIterator[str]:
        """Every finished blob that is stored, for the sweeper."""
        ...


class Keyring(Protocol):
    """Wraps secrets with the folder's master key."""

    def wrap(self, secret: bytes, purpose: str) -> bytes:
        """Encrypt and authenticate; `purpose` must be given again to unwrap."""
        ...

    def unwrap(self, wrapped: bytes, purpose: str) -> bytes:
        """The secret. Raises ValueError if it was changed, or wrapped for another purpose."""
        ...


# --- access ---------------------------------------------------------------------------------------------------


class Identities(Protocol):
    """Identities by access key."""

    async def by_access_key(self, access_key_id: str, session_token: str | None = None) -> Identity | None:
        """The identity with its secret and policies, read in one statement, or None. Temporary credentials are known by
        key and token together; raises TokenInvalid where they do not belong together, or have lost what they stood
        for."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AssumableRole:
    """A role as far as its sessions need it; `longest` of them in seconds."""

    account: str
    role_id: str
    name: str
    longest: int
    tags: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """Temporary credentials as their holder must know them; `expires_at` in microseconds since the epoch."""

    access_key_id: str
    secret: str = field(repr=False)
    token: str = field(repr=False)
    expires_at: int


class Sessions(Protocol):
    """Roles that can be assumed, and temporary credentials."""

    async def role(self, arn: str) -> AssumableRole | None:
        """The role of an ARN, None if there is none."""
        ...

    async def audiences(self, account: str, url: str) -> Collection[str] | None:
        """The clients of an account's OpenID Connect provider (its URL without https://); None where there is none."""
        ...

    async def account_of(self, access_key_id: str) -> str | None:
        """The account that an access key belongs to, None if that is not known."""
        ...

    async def lacking_policy(self, account: str, arns: Sequence[str]) -> str | None:
        """The first of these managed policies that the account can not use; None where it can use all."""
        ...

    def packed_percent(self, session: Session) -> int:
        """How much of what a session's policies and tags may have they have; over 100 can not be issued."""
        ...

    def issue(self, session: Session) -> Credentials:
        """New credentials for a session."""
        ...


class Principals(Protocol):
    """Who an ARN names now."""

    async def unique_ids(self, arns: Iterable[str]) -> Mapping[str, str]:
        """The unique id behind each ARN of a root or user; ARNs that name no one are left out. Resource policies keep
        these ids, so that a re-created user inherits nothing."""
        ...

    async def display_names(self, canonical_ids: Iterable[str]) -> Mapping[str, str]:
        """The names of the accounts with these canonical ids; ids that name none, and accounts without a name, are
        left out."""
        ...


class Access(Protocol):
    """What a service's resource says about its own access."""

    async def of(self, requirement: Requirement) -> ResourceAccess:
        """Read in one statement. Raises the service's error when the container (bucket) does not exist."""
        ...


class Topics(Access, Protocol):
    """Topics as the destinations of what other services publish."""

    async def exists(self, arn: str) -> bool:
        """Whether there is a topic of this ARN."""
        ...


class CorsRules(Protocol):
    """What buckets say to web pages of other origins."""

    async def of(self, bucket: str) -> Sequence[Mapping[str, Any]] | None:
        """A bucket's rules in the shape of the model's CORSRule, none where it has no configuration; None where there
        is no such bucket."""
        ...


class Websites(Protocol):
    """Buckets as websites."""

    async def of(self, bucket: str, region: str | None) -> Mapping[str, Any]:
        """A bucket's configuration in the shape of the model's WebsiteConfiguration. Raises the service's error where
        it is no website, or none of the region that is asked, where one is."""
        ...

    async def has(self, bucket: str, key: str) -> bool:
        """Whether a bucket has an object of this key, whoever asks."""
        ...


class Authoriser(Protocol):
    """Decides as the pipeline does, for questions that a handler must ask itself."""

    async def may(self, requirement: Requirement) -> bool:
        """Whether the caller that this authoriser was made for may."""
        ...

    async def demand(self, requirement: Requirement) -> None:
        """Raises AccessDenied if the caller may not."""
        ...

    def acting_as(self, identity: Identity) -> Authoriser:
        """One that decides for another identity in the same request: for who is proven by more than a signature."""
        ...


@dataclass(slots=True, kw_only=True)
class Caller:
    """On whose behalf an operation runs, and how the request came.

    `account` is the account that the request acts in (the principal's; "" when anonymous), `region` that of the
    credential scope, else of the host, else the default. `base_url` is how this cloud is reached from outside,
    without a trailing slash. `form` is whether a browser's form was posted.
    """

    identity: Identity
    account: str
    region: str
    request_id: str
    authoriser: Authoriser
    host: str = ""
    scheme: Literal["http", "https"] = "http"
    peer: str = ""
    base_url: str = ""
    form: bool = False

    @property
    def principal(self) -> Principal:
        """Who acts."""
        return self.identity.principal

    async def may(self, requirement: Requirement) -> bool:
        """Whether the caller may, by the same decision that guards operations."""
        return await self.authoriser.may(requirement)

    async def demand(self, requirement: Requirement) -> None:
        """Raises AccessDenied if the caller may not."""
        await self.authoriser.demand(requirement)


class Calls(Protocol):
    """Another service's operation, authorised and run as a given caller."""

    async def call(self, caller: Caller, service: str, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """The operation's output. Raises what the operation raises, AccessDenied included."""
        ...


# --- engines --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """Which engine answered: `name` and `version`."""

    name: str
    version: str


class EngineUnavailableError(Exception):
    """No engine here can do what is asked. The text says what to install."""


class EngineFailedError(Exception):
    """An engine broke or ran out of time on this input."""


class EngineBusyError(EngineFailedError):
    """Too many tasks wait for this engine already; a later attempt may succeed."""


class BadImageError(Exception):
    """The bytes are no picture that can be read (only JPEG and PNG are)."""


class ImageTooLargeError(Exception):
    """The picture has more pixels than may be decoded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A rectangle as fractions of the picture's width and height, from its top left corner."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenLabel:
    """A label that a detector or classifier named: AWS's spelling of it, confidence in percent (0-100), and the
    boxes with theirs (empty for a scene or a classifier's label)."""

    name: str
    confidence: float
    boxes: tuple[tuple[Box, float], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """What was seen in one picture, best first, and by which engines."""

    labels: tuple[SeenLabel, ...]
    engines: tuple[Engine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenText:
    """A line or word: text, confidence in percent, the corners clockwise from the text's own top left as
    fractions of width and height, and for a line its words."""

    text: str
    confidence: float
    corners: tuple[tuple[float, float], tuple[float, float], tuple[float, float], tuple[float, float]]
    words: tuple[SeenText, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """The lines read in one picture, top to bottom, and by which engine."""

    lines: tuple[SeenText, ...]
    engine: Engine


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentiment:
    """Shares of the four sentiments, summing to 1."""

    positive: float
    negative: float
    neutral: float
    mixed: float
    engine: Engine


class LabelDetector(Protocol):
    """Names what a picture shows. All image engines raise BadImageError, ImageTooLargeError,
    EngineUnavailableError, EngineFailedError."""

    async def labels(self, image: bytes) -> Labels:
        """What is seen in a JPEG or PNG picture."""
        ...


class TextReader(Protocol):
    """Reads the text in a picture."""

    async def read(self, image: bytes) -> Texts:
        """Every line of a JPEG or PNG picture."""
        ...


class LanguageDetector(Protocol):
    """Tells the language of a text."""

    async def languages(self, text: str) -> tuple[tuple[str, float], ...]:
        """AWS language codes with their share (0-1), most likely first, never empty."""
        ...


class SentimentScorer(Protocol):
    """Tells the sentiment of a text."""

    async def score(self, text: str, language: str) -> Sentiment:
        """Raises EngineUnavailableError for a language that no engine here knows."""
        ...


class Translator(Protocol):
    """Translates a text."""

    async def translate(self, text: str, source: str, target: str) -> tuple[str, Engine]:
        """`source` and `target` are AWS language codes and differ. Raises EngineUnavailableError for a pair that no
        engine here knows."""
        ...


# --- selection ------------------------------------------------------------------------------------------------


class SelectionError(Exception):
    """A query can not be run on an object, or not to its end. `code` is S3's, `message` empty where S3's own will do.
    Its text is both, with a blank between them."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.code, _, self.message = text.partition(" ")


class StoredBytes(Protocol):
    """An object's bytes, to be read from anywhere."""

    @property
    def size(self) -> int:
        """How many there are."""
        ...

    def read_from(self, offset: int) -> AsyncGenerator[bytes]:
        """The bytes from `offset` on, in pieces. Whoever does not read it to its end closes it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Selected:
    """Some records as they are to be sent, and the bytes so far: read of the object, and what they were when
    decompressed."""

    records: bytes
    scanned: int
    processed: int


class Selector(Protocol):
    """Runs queries on objects."""

    def select(self, expression: str, formats: Formats, data: StoredBytes) -> AsyncGenerator[Selected]:
        """What a query finds, piece by piece: pieces without records tell how far it is. Closing it ends the query.

        Raises, once it is iterated:
            SelectionError: the object is not what `formats` say, or the query fails on it.
            EngineBusyError: too many queries run already.
            EngineFailedError: the query took too much time or memory.
        """
        ...


# --- reports --------------------------------------------------------------------------------------------------

ColumnKind = Literal["text", "flag", "number", "moment"]
"""What a column holds: texts, True and False, whole numbers, or microseconds since the epoch; None in any."""


class ParquetWriter(Protocol):
    """Writes Parquet files."""

    def write(
        self, columns: Sequence[tuple[str, ColumnKind]], pages: AsyncGenerator[Sequence[Sequence[Value]]]
    ) -> AsyncGenerator[bytes]:
        """The bytes of a file of the columns (name and kind) with the rows of all pages, which are held together:
        few hundred thousand at most. Closing it ends the work.

        Raises, once it is iterated:
            EngineBusyError: too many files are written already.
            EngineFailedError: it took too much time or memory. Whatever `pages` raises.
        """
        ...


# --- delivery -------------------------------------------------------------------------------------------------

Channel = Literal["email", "sms"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message to one person, sent on behalf of `account`. `id` is the same at every retry. `sender` is a display
    name. `unsubscribe` is the one of `links` that ends such messages, "" where there is none."""

    id: str
    channel: Channel
    to: str
    subject: str
    text: str
    links: Sequence[str] = ()
    sender: str = ""
    account: str = ""
    unsubscribe: str = ""


class RelayError(Exception):
    """The message could not be handed on. `permanent` says whether trying again is useless."""

    def __init__(self, text: str, *, permanent: bool = False) -> None:
        super().__init__(text)
        self.permanent = permanent


class Relay(Protocol):
    """Hands a message on to the world. One for each channel; None in the composition root where there is none."""

    async def send(self, message: Message) -> None:
        """Returns when the next hop has taken it. Raises RelayError."""
        ...


MailState = Literal["caught", "queued", "relayed", "failed"]


class Mailbox(Protocol):
    """The inbox: every message is caught before anything else happens to it, whether it is relayed or not."""

    async def catch(self, message: Message, state: MailState = "caught") -> MailState:
        """Keep the message: `queued` where a relay will be tried, `caught` where there is none. Nothing changes if
        one of its id is there already. The state in which it stands then: who finds it `relayed` must not relay it
        again."""
        ...

    async def mark(self, message_id: str, state: MailState, error: str = "") -> None:
        """What became of it."""
        ...
