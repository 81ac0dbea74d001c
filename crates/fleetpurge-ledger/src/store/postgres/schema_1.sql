-- Version 1. Described in SCHEMA.md. A new version is a new file: this one never changes.

CREATE TABLE fleetpurge.plans (
    plan           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name           text NOT NULL UNIQUE CHECK (name <> ''),
    stored_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    service        text NOT NULL,
    tenant         text NOT NULL,
    instance       text,
    region         text,
    base_url       text NOT NULL,
    token_url      text,
    uid_validation text NOT NULL,
    max_devices    bigint NOT NULL,
    planned        bigint NOT NULL,
    skipped        bigint NOT NULL,
    created_at     text NOT NULL,
    tool           text NOT NULL,
    digest         text NOT NULL,
    state          text NOT NULL,
    CONSTRAINT rows_of_all_plans_have_numbers CHECK (plan < 4194304 AND planned < 1099511627776)
);

CREATE TABLE fleetpurge.sources (
    plan      bigint NOT NULL,
    source    bigint NOT NULL,
    name      text NOT NULL,
    sha256    text NOT NULL,
    first_row bigint NOT NULL,
    rows      bigint NOT NULL,
    counted   text NOT NULL,
    sheet     text,
    PRIMARY KEY (plan, source)
);

CREATE TABLE fleetpurge.rows (
    plan    bigint NOT NULL,
    "row"   bigint NOT NULL,
    uid     text NOT NULL,
    name    text NOT NULL,
    source  bigint NOT NULL,
    line    bigint NOT NULL,
    skipped text,
    PRIMARY KEY (plan, "row")
);
CREATE INDEX skipped_rows ON fleetpurge.rows (plan, "row") WHERE skipped IS NOT NULL;

CREATE TABLE fleetpurge.runs (
    plan         bigint NOT NULL,
    run          bigint NOT NULL,
    who          text NOT NULL,
    host         text NOT NULL,
    pid          bigint NOT NULL,
    version      text NOT NULL,
    confirmation text NOT NULL,
    options      text NOT NULL,
    started_at   text NOT NULL,
    ended_at     text,
    exit         bigint,
    stop_reason  text,
    lease_until  timestamptz NOT NULL DEFAULT '-infinity',
    fenced_at    timestamptz,
    gives_back   boolean NOT NULL DEFAULT false,
    claimed_all  boolean NOT NULL DEFAULT false,
    PRIMARY KEY (plan, run)
);
CREATE INDEX live_runs ON fleetpurge.runs (plan, run) WHERE ended_at IS NULL AND fenced_at IS NULL;

CREATE TABLE fleetpurge.chunks (
    plan     bigint NOT NULL,
    first    bigint NOT NULL,
    last     bigint NOT NULL CHECK (last >= first),
    run      bigint,
    finished boolean NOT NULL DEFAULT false,
    PRIMARY KEY (plan, first)
);
CREATE INDEX free_chunks ON fleetpurge.chunks (plan, first) WHERE run IS NULL;

CREATE TABLE fleetpurge.attempts (
    plan             bigint NOT NULL,
    attempt          bigint NOT NULL,
    run              bigint NOT NULL,
    batch            bigint NOT NULL,
    number           bigint NOT NULL,
    request_id       text NOT NULL,
    devices          bigint NOT NULL,
    begun_at         text NOT NULL,
    settled_at       text,
    applied          text,
    status           bigint,
    code             text,
    reply_request_id text,
    trace_id         text,
    detail           text,
    body_head        text,
    checksum         bytea NOT NULL,
    PRIMARY KEY (plan, attempt)
);
CREATE INDEX open_attempts ON fleetpurge.attempts (plan, run) WHERE settled_at IS NULL;

CREATE TABLE fleetpurge.attempt_rows (
    plan    bigint NOT NULL,
    first   bigint NOT NULL,
    attempt bigint NOT NULL,
    last    bigint NOT NULL CHECK (last >= first),
    PRIMARY KEY (plan, first, attempt)
);

-- The rows of open attempts, each with the number that it has among the rows of all plans: plan * 2^40 + row.
CREATE TABLE fleetpurge.open_rows (
    plan    bigint NOT NULL,
    attempt bigint NOT NULL,
    rows    int8range NOT NULL,
    CONSTRAINT no_row_in_two_open_attempts EXCLUDE USING gist (rows WITH &&)
);
CREATE INDEX open_rows_of_attempts ON fleetpurge.open_rows (plan, attempt);

CREATE TABLE fleetpurge.outcomes (
    plan     bigint NOT NULL,
    first    bigint NOT NULL,
    id       bigint NOT NULL,
    last     bigint NOT NULL CHECK (last BETWEEN first AND first + 255),
    attempt  bigint NOT NULL,
    outcome  text NOT NULL,
    detail   text,
    code     text,
    at       text NOT NULL,
    checksum bytea NOT NULL,
    PRIMARY KEY (plan, first, id)
);

CREATE TABLE fleetpurge.anomalies (
    plan    bigint NOT NULL,
    attempt bigint NOT NULL,
    number  bigint NOT NULL,
    kind    text NOT NULL,
    detail  text NOT NULL,
    PRIMARY KEY (plan, attempt, number)
);

CREATE TABLE fleetpurge.verifications (
    plan         bigint NOT NULL,
    verification bigint NOT NULL,
    at           text NOT NULL,
    who          text NOT NULL,
    host         text NOT NULL,
    kind         text NOT NULL,
    source       text NOT NULL,
    sha256       text,
    listed       bigint,
    looked_for   bigint NOT NULL,
    checksum     bytea NOT NULL,
    PRIMARY KEY (plan, verification)
);

CREATE TABLE fleetpurge.sightings (
    plan         bigint NOT NULL,
    first        bigint NOT NULL,
    verification bigint NOT NULL,
    last         bigint NOT NULL CHECK (last BETWEEN first AND first + 255),
    found        text NOT NULL,
    detail       text,
    PRIMARY KEY (plan, first, verification)
);

CREATE TABLE fleetpurge.verifications_tally (
    plan          bigint PRIMARY KEY,
    verifications bigint NOT NULL,
    checksum      bytea NOT NULL
);

CREATE TABLE fleetpurge.tally (
    plan      bigint PRIMARY KEY,
    commits   bigint NOT NULL,
    attempts  bigint NOT NULL,
    settled   bigint NOT NULL,
    outcomes  bigint NOT NULL,
    anomalies bigint NOT NULL,
    checksum  bytea NOT NULL,
    chain     bytea NOT NULL DEFAULT ''
);

CREATE TABLE fleetpurge.commits (
    plan   bigint NOT NULL,
    number bigint NOT NULL,
    run    bigint,
    at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    chain  bytea NOT NULL,
    PRIMARY KEY (plan, number)
);

CREATE FUNCTION fleetpurge.check_attempt_rows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM fleetpurge.outcomes o
        WHERE o.plan = NEW.plan AND o.first > NEW.first - 256 AND o.first <= NEW.last AND o.last >= NEW.first
          AND o.outcome IN ('scheduled', 'invalid')
    ) OR EXISTS (
        SELECT FROM fleetpurge.rows r
        WHERE r.plan = NEW.plan AND r.skipped IS NOT NULL AND r."row" BETWEEN NEW.first AND NEW.last
    ) THEN
        RAISE EXCEPTION 'a device with a final outcome is never sent again' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER no_attempt_for_a_final_device BEFORE INSERT ON fleetpurge.attempt_rows
    FOR EACH ROW EXECUTE FUNCTION fleetpurge.check_attempt_rows();

CREATE FUNCTION fleetpurge.check_outcome() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM fleetpurge.outcomes o
        WHERE o.plan = NEW.plan AND o.first > NEW.first - 256 AND o.first <= NEW.last AND o.last >= NEW.first
          AND (o.outcome IN ('scheduled', 'invalid')
               OR (o.outcome = 'unknown' AND NEW.outcome IN ('pending', 'failed', 'rejected')))
    ) THEN
        RAISE EXCEPTION 'a final outcome stays, and an unknown device is not called surely not applied'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER a_final_outcome_stays BEFORE INSERT ON fleetpurge.outcomes
    FOR EACH ROW EXECUTE FUNCTION fleetpurge.check_outcome();

CREATE VIEW fleetpurge.devices AS
SELECT
    p.name AS plan, r."row", r.uid, r.name,
    CASE
        WHEN r.skipped IS NOT NULL THEN 'skipped'
        WHEN EXISTS (
            SELECT FROM fleetpurge.open_rows s WHERE s.rows @> (p.plan * 1099511627776 + r."row")
        ) THEN 'unknown'
        ELSE coalesce(o.outcome, 'pending')
    END AS outcome,
    coalesce(r.skipped, o.detail) AS detail,
    o.code, o.attempt, o.at
FROM fleetpurge.plans p
JOIN fleetpurge.rows r ON r.plan = p.plan
LEFT JOIN LATERAL (
    SELECT x.outcome, x.detail, x.code, x.attempt, x.at FROM fleetpurge.outcomes x
    WHERE x.plan = r.plan AND x.first > r."row" - 256 AND x.first <= r."row" AND x.last >= r."row"
    ORDER BY x.id DESC LIMIT 1
) o ON true;
