"""Settings: the only place that reads the environment.

Every variable starts with `KHONGGIAY_`; nested ones use two underscores
(`KHONGGIAY_HTTP__PORT=8080`).
"""

from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, Field, IPvAnyNetwork, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from core.access import Passkeys, SingleSignOn, is_private_line
from core.bounds import OcrEngine, SandboxLimits, VotingTool
from core.media import Media
from core.pace import Pace


class Http(BaseModel):
    """Where the API listens, and what it accepts."""

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    #: The address that phones use; DPoP proofs are judged against it. Empty: as the request says.
    public_url: str = ""
    #: Names that requests may be sent to (`Host`); empty: any.
    hosts: list[str] = []
    #: Web pages whose scripts may call the API (`https://desk.example`); none by default.
    origins: list[str] = []
    #: Addresses or networks of proxies whose `X-Forwarded-For` and `-Proto` are believed.
    proxies: list[IPvAnyNetwork] = []
    upload_limit: int = 120 * 1024 * 1024
    body_limit: int = 1024 * 1024
    #: How long a server that is asked to stop waits for what still runs.
    drain_seconds: int = Field(default=4, ge=0)
    #: Of the request line and all headers together: 10 kB may be searched for, escaped to 30.
    head_limit: int = 48 * 1024
    #: How long the head of a request may take, and how long a body may be silent, in seconds.
    head_seconds: float = 15.0
    body_seconds: float = 20.0
    #: At one time, from one address; 0: as many as come. A ministry behind one address needs more.
    connections_per_address: int = 1000
    sockets_per_address: int = 1000


class Rates(BaseModel):
    """How fast requests may come: `KHONGGIAY_RATES__DEVICE__BURST=500`.

    Those of an address are generous: the phones of a whole ministry may stand behind one.
    """

    enabled: bool = True
    address: Pace = Pace(2000, 200)
    official: Pace = Pace(400, 40)
    device: Pace = Pace(300, 30)
    #: By device: tickets for sockets. By address: what guesses at passwords or costs much.
    ticket: Pace = Pace(20, 0.5)
    login: Pace = Pace(100, 2)
    refresh: Pace = Pace(600, 20)
    verify: Pace = Pace(10, 0.2)


class Logs(BaseModel):
    """What is written to the standard error output, one JSON object a line."""

    #: One line for each request.
    requests: bool = True


class BusServers(BaseModel):
    """The bus between several nodes (NATS)."""

    #: `nats://host:4222`, several separated by commas, with `user:password@` where one is needed.
    #: Empty: one process does everything.
    url: SecretStr = SecretStr("")
    #: What this installation's processes speak under; another one on the same servers needs
    #: another.
    subject: str = "khonggiay"
    #: The certificate of the authority that the servers are trusted by. With it nothing but TLS is
    #: spoken, from the first byte: the servers need `handshake_first`.
    ca: Path | None = None


class BlobStore(BaseModel):
    """Where files are kept."""

    #: `s3://bucket` or `s3://bucket/prefix`. Empty: a folder inside the data folder.
    url: str = ""
    #: Of a server of one's own; empty: that of the region.
    endpoint: str = ""
    region: str = "us-east-1"
    access_key: SecretStr = SecretStr("")
    secret_key: SecretStr = SecretStr("")
    #: The certificates of the authority that the server is trusted by, beside the system's.
    ca: Path | None = None


class Mss204(BaseModel):
    """An operator that speaks ETSI TS 102 204 over mutual TLS."""

    #: `https://mssp.example:18083/soap/services`; the names of the ports are appended.
    url: str = ""
    #: Who we are to it.
    ap_id: str = ""
    ap_password: SecretStr = SecretStr("")
    #: Our certificate and its key, PEM.
    certificate: Path | None = None
    key: Path | None = None
    #: The only authority that its server is trusted by, PEM. Empty: the system's.
    ca: Path | None = None
    #: The URI that the operator has in its own messages.
    operator: str = "http://mobile-id.vn"
    #: The authorities between the signers' certificates and their root, PEM.
    authorities: Path | None = None
    #: How its RSA keys sign; of other keys the certificate says it.
    rsa: Literal["rsa_pkcs1_sha256", "rsa_pss_sha256"] = "rsa_pkcs1_sha256"
    #: The signature profile that each mechanism has there.
    profiles: dict[str, str] = {
        "rsa_pkcs1_sha256": "http://mobile-id.vn/digitalSignature",
        "rsa_pss_sha256": "http://mobile-id.vn/digitalSignature#pss",
        "ecdsa_p256_sha256": "http://mobile-id.vn/digitalSignature#ecdsa",
        "ecdsa_p384_sha256": "http://mobile-id.vn/digitalSignature#ecdsa",
    }


class SealToken(BaseModel):
    """The agencies' seal keys in a token or HSM (PKCS#11). Without a module: simulated."""

    #: The vendor's library, such as `/usr/lib/softhsm/libsofthsm2.so`.
    module: Path | None = None
    #: The label of the token; key and certificate in it bear the agency's id as their label.
    token: str = ""
    pin: SecretStr = SecretStr("")
    #: The authorities between the agencies' certificates and their root, PEM.
    authorities: Path | None = None
    #: How its RSA keys sign; of other keys the certificate says it.
    rsa: Literal["rsa_pss_sha256", "rsa_pkcs1_sha256"] = "rsa_pss_sha256"


class CscService(BaseModel):
    """A signing service that speaks the Cloud Signature Consortium's API."""

    #: What precedes `/csc/v2/…` and `/oauth2/token`.
    url: str = ""
    version: Literal["v1", "v2"] = "v2"
    #: Who we are to it, for the grant `client_credentials`.
    client_id: str = ""
    client_secret: SecretStr = SecretStr("")
    #: The only authority that its server is trusted by, PEM. Empty: the system's.
    ca: Path | None = None


class Signing(BaseModel):
    """Who reaches the signers' SIM cards, and who keeps the keys that sign lists."""

    operator: Literal["simulated", "mss204", "csc"] = "simulated"
    #: Who keeps officials' remote keys; `none`: no list is signed, each paper has its own PIN.
    remote: Literal["simulated", "csc", "none"] = "simulated"
    #: How long the simulated signer takes to type the PIN, in seconds.
    simulated_delay: float = 2.0
    #: Let simulated phones wait until somebody types the PIN.
    simulated_by_hand: bool = False
    mss204: Mss204 = Mss204()
    seal: SealToken = SealToken()
    csc: CscService = CscService()
    remote_csc: CscService = CscService()
    #: How many hashes a third party may have signed under one authorisation; the SIM is asked for
    #: each.
    csc_multisign: int = Field(default=1, ge=1, le=100)

    @model_validator(mode="after")
    def _must_be_private(self) -> Self:
        urls = {"mss204": self.mss204.url, "csc": self.csc.url}
        if self.operator in urls and not is_private_line(urls[self.operator]):
            raise ValueError("the operator must be reached over https")
        if self.remote == "csc" and not is_private_line(self.remote_csc.url):
            raise ValueError("the keeper of remote keys must be reached over https")
        if self.remote == "csc" and self.remote_csc.version == "v1":
            raise ValueError("the keeper of remote keys must speak v2: v1 has no authData")
        return self


class TrustServices(BaseModel):
    """Who vouches for time and for certificates. Without a time-stamping service: simulated."""

    #: Time-stamping services (RFC 3161), tried in turn.
    timestamps: list[str] = []
    #: Whose OCSP, CRL and caIssuers addresses may be asked: `host`, `host:port` or `.domain`. The
    #: time-stamping services are allowed anyway.
    hosts: list[str] = []
    #: Networks of our own in which they may lie, such as `10.20.0.0/16`.
    private: list[IPvAnyNetwork] = []
    #: How long one answer may take.
    seconds: float = Field(default=10.0, gt=0, le=60)
    #: Where `khonggiay simulate trust` answers, such as `http://127.0.0.1:9317`; stands in the
    #: certificates of the demo. Empty: inside this process.
    simulated_url: str = ""


class Fcm(BaseModel):
    """Firebase Cloud Messaging."""

    #: The JSON file of a service account. None: no push by this way.
    credentials: Path | None = None
    url: str = "https://fcm.googleapis.com"


class WebPush(BaseModel):
    """Web Push, to browsers and to push services of one's own (UnifiedPush, ntfy)."""

    #: Where operators of push services reach ours: `mailto:` or `https:`. Empty: none is used.
    contact: str = ""
    #: Networks of one's own in which push services stand; nothing else inside is connected to.
    allowed_networks: list[IPvAnyNetwork] = []
    #: The certificates of the authority that they are trusted by, beside the system's.
    ca: Path | None = None


class Push(BaseModel):
    """By which ways phones are rung when no socket is open; none of them is needed."""

    fcm: Fcm = Fcm()
    webpush: WebPush = WebPush()
    #: Between here and the providers. Empty: as `HTTPS_PROXY` says.
    proxy: SecretStr = SecretStr("")


class Settings(BaseSettings):
    """Everything an operator can set."""

    model_config = SettingsConfigDict(
        env_prefix="KHONGGIAY_",
        env_nested_delimiter="__",
        nested_model_default_partial_update=True,
        extra="ignore",
    )

    env: Literal["development", "production"] = "development"
    #: What one process has for itself.
    data: Path = Path("data")
    #: What every node must have the same of: keys, trusted certificates, and the files of simulated
    #: parts. Empty: the data folder.
    shared: Path | None = None
    #: Empty: an embedded SQLite database in the data folder.
    database_url: str = Field(
        default="", pattern=r"^$|^postgresql\+asyncpg://|^sqlite\+aiosqlite:///"
    )
    bus: BusServers = BusServers()
    blobs: BlobStore = BlobStore()
    http: Http = Http()
    rates: Rates = Rates()
    logs: Logs = Logs()
    media: Media = Media()
    passkeys: Passkeys = Passkeys()
    single_sign_on: SingleSignOn = SingleSignOn()
    signing: Signing = Signing()
    trust_services: TrustServices = TrustServices()
    push: Push = Push()
    sandbox: SandboxLimits = SandboxLimits()
    ocr: OcrEngine = OcrEngine()
    voting: VotingTool = VotingTool()

    @property
    def is_production(self) -> bool:
        """Simulated parts and the console session are refused here."""
        return self.env == "production"

    @property
    def is_embedded(self) -> bool:
        """The database is a file of this process alone."""
        return not self.database_url

    @property
    def has_nodes(self) -> bool:
        """Several processes share the work; else `serve` does all of it."""
        return bool(self.bus.url.get_secret_value())

    @property
    def common(self) -> Path:
        """The folder that is the same for every node."""
        return self.shared or self.data

    @property
    def keys(self) -> Path:
        """The folder of the server's own keys."""
        return self.common / "keys"

    @property
    def trust(self) -> Path:
        """The folder of the certificates that signatures are trusted by."""
        return self.common / "trust"

    @property
    def checked_at(self) -> str:
        """Return the address before the code by which anybody checks a paper of ours."""
        public = self.http.public_url or f"http://localhost:{self.http.port}"
        return f"{public.rstrip('/')}/v/"

    @property
    def recordings(self) -> Path:
        """Where the media engine writes what is recorded, until it is kept."""
        return self.media.janus.recordings or self.common / "recordings"

    @property
    def simulated_operator(self) -> Path:
        """Where the simulated operator and the demo's authority keep their keys."""
        return self.common / "simulated-operator"

    @property
    def demo_accounts(self) -> Path:
        """Where the demo ministry's accounts are listed once it is loaded."""
        return self.common / "demo" / "accounts.json"

    @property
    def passkey_domain(self) -> str:
        """Return the domain that passkeys are made for."""
        return self.passkeys.domain or urlsplit(self.http.public_url).hostname or "localhost"

    @property
    def passkey_origins(self) -> list[str]:
        """Return the pages and apps that may use passkeys."""
        page = urlsplit(self.http.public_url or f"http://localhost:{self.http.port}")
        return self.passkeys.origins or [f"{page.scheme}://{page.netloc}"]

    @property
    def database(self) -> str:
        """Return the database's URL."""
        return self.database_url or f"sqlite+aiosqlite:///{self.data / 'khonggiay.db'}"
