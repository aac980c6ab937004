"""Every table in one list, so that migrations and tests miss none."""

from sqlmodel import SQLModel

from api.documents.models import (
    Document,
    DocumentReader,
    NumberSeries,
    PageImage,
    PageText,
    Quarantine,
    RegisterEntry,
    Revision,
    ScannedPage,
)
from api.lookup.models import LookupEntry, LookupPassage
from api.lookup.offline.models import OfflineCopy
from api.lookup.saved.models import SavedSearch, SavedSearchTerm, SearchAlert
from api.meetings.attendance.models import CheckInCode, Presence
from api.meetings.floor.models import FloorPlan, FloorTeam, FloorTurn
from api.meetings.models import (
    AgendaItem,
    ItemGuest,
    Meeting,
    PageRead,
    Participant,
    TableDocument,
    TableReader,
)
from api.meetings.notes.models import Annotation
from api.meetings.record.models import Conclusion, Minutes, MinutesComment
from api.meetings.recording.models import Recording, RecordingRead, RecordingTrack
from api.meetings.secrecy.models import (
    BallotBox,
    BallotCredential,
    BallotHandout,
    BallotTrustee,
    SealedBallot,
)
from api.meetings.votes.models import Vote, VoteBallot, VoteMandate
from api.meetings.writing.models import MinutesUpdate
from api.people.factors.models import Passkey, RecoveryCode, Totp
from api.people.models import Account, Agency, Delegation, LoginTries, Official, Unit
from api.people.sso.models import Identity, SignIn, SsoSession
from api.signing.beside.models import SideFile
from api.signing.csc.models import CscAuthorization, CscClient, CscGrant
from api.signing.lists.models import SigningList
from api.signing.models import EvidenceRecord, LivePrompt, SignatureRequest
from api.signing.mssp.models import OperatorTransaction
from api.signing.pins.models import PinnedCertificate
from api.tasks.models import Task, TaskEntry, TaskEvaluation, TaskExtension, TaskPart
from core.audit import AuditRecord
from core.idempotency import StoredAnswer
from core.installation import InstallationNote
from core.jobs import Job
from core.sessions import Device, Principal, RealtimeTicket, RefreshToken, SeenProof
from core.streams import Fact, Stream, StreamEntry
from push.models import (
    Notification,
    NotificationChoice,
    NotificationMute,
    PushAddress,
    PushMessage,
    QuietHours,
)

TABLES: tuple[type[SQLModel], ...] = (
    Fact,
    Stream,
    StreamEntry,
    Job,
    AuditRecord,
    StoredAnswer,
    InstallationNote,
    Principal,
    Device,
    RefreshToken,
    RealtimeTicket,
    SeenProof,
    Agency,
    Unit,
    Official,
    Account,
    Delegation,
    Document,
    Revision,
    PageText,
    ScannedPage,
    Quarantine,
    PageImage,
    DocumentReader,
    NumberSeries,
    RegisterEntry,
    SignatureRequest,
    OperatorTransaction,
    LivePrompt,
    EvidenceRecord,
    SigningList,
    SideFile,
    PinnedCertificate,
    CscClient,
    CscGrant,
    CscAuthorization,
    Task,
    TaskPart,
    TaskEntry,
    TaskExtension,
    TaskEvaluation,
    Meeting,
    Participant,
    AgendaItem,
    ItemGuest,
    TableDocument,
    TableReader,
    PageRead,
    CheckInCode,
    Presence,
    FloorPlan,
    FloorTeam,
    FloorTurn,
    Vote,
    VoteMandate,
    VoteBallot,
    BallotBox,
    BallotTrustee,
    BallotCredential,
    SealedBallot,
    BallotHandout,
    Minutes,
    MinutesUpdate,
    MinutesComment,
    Recording,
    RecordingTrack,
    RecordingRead,
    Conclusion,
    Annotation,
    Notification,
    NotificationChoice,
    NotificationMute,
    PushAddress,
    PushMessage,
    QuietHours,
    LoginTries,
    Totp,
    RecoveryCode,
    Passkey,
    SignIn,
    Identity,
    SsoSession,
    OfflineCopy,
    LookupEntry,
    LookupPassage,
    SavedSearch,
    SavedSearchTerm,
    SearchAlert,
)

#: Tables of the first migration whose rows can never be changed or deleted; later ones are guarded
#: by the migration that makes them.
APPEND_ONLY_TABLES = ("audit_record",)
