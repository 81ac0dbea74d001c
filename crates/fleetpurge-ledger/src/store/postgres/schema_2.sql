-- Version 2. Described in SCHEMA.md. A new version is a new file: this one never changes.

CREATE TABLE fleetpurge.tenants (
    service      text NOT NULL,
    tenant       text NOT NULL,
    held_until   timestamptz,
    hold         text,
    detail       text,
    trial        text NOT NULL DEFAULT 'closed',
    answers      bigint NOT NULL DEFAULT 0,
    batches      bigint NOT NULL DEFAULT 0,
    turn_plan    bigint,
    turn_attempt bigint,
    rate         double precision,
    rate_at      timestamptz,
    PRIMARY KEY (service, tenant)
);

CREATE INDEX chunks_of_runs ON fleetpurge.chunks (plan, run) WHERE run IS NOT NULL;

-- A change that the plan is known to have had, and that the database no longer has.
ALTER TABLE fleetpurge.plans ADD COLUMN lost_commit bigint;
