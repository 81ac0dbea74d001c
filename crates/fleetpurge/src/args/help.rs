//! The parts of the help that are prose: examples, environment, exit codes.

pub(crate) const ABOUT: &str = "\
Removes devices from a fleet inventory in bulk: reviewed first, then exactly what was reviewed.

A deletion cannot be undone. So a list of devices first becomes a plan, a file that you review; `apply` then asks the \
service for exactly the devices of that plan, in batches, and writes down what became of each. Whatever happens in \
between, the same `apply` again goes on where it stopped, and what the service may have done already is never asked for \
again unless you say so.";

pub(crate) const SHORT: &str = "\
Examples:
  fleetpurge demo                                              # see all of it, harmlessly
  fleetpurge plan devices.csv --instance acme --region eu --out acme.plan
  fleetpurge apply acme.plan --limit 1                         # try one device before all
  fleetpurge apply acme.plan
  fleetpurge report acme.plan

`fleetpurge --help` also lists environment variables and exit codes.";

pub(crate) const LONG: &str = "\
Examples:
  fleetpurge demo                                              # see all of it, harmlessly
  fleetpurge plan devices.csv --instance acme --region eu --out acme.plan
  fleetpurge apply acme.plan --limit 1                         # try one device before all
  fleetpurge apply acme.plan
  fleetpurge report acme.plan

Environment:
  NEXTHINK_CLIENT_ID      client id of the API credentials (read by `apply`)
  NEXTHINK_CLIENT_SECRET  their secret; or `--client-secret-file`, `--client-secret-command`
  NEXTHINK_TOKEN          a bearer token, instead of the two above
  HTTPS_PROXY, NO_PROXY   as usual
  NO_COLOR                no colours
  RUST_LOG                what to log on stderr, e.g. `debug`
  Secrets are never taken as arguments: other users of the machine can read those.

Exit codes:
  0    done, every planned device scheduled (skipped rows aside)
  1    an error before the first attempt, or of this machine
  2    wrong usage
  3    done, but some are invalid, failed or rejected
  4    done, but some are unknown
  5    stopped early; pending devices remain: run `apply` again
  6    refused: altered plan, wrong tenant, cap exceeded, confirmation missing or wrong
  130  interrupted; the ledger is whole: run `apply` again
  Every end but 0 names the next command to type, on the last line of stderr.";

pub(crate) const PLAN: &str = "\
Examples:
  fleetpurge plan devices.csv --instance acme --region eu --out acme.plan
  fleetpurge plan a.csv b.csv --protect vip.txt --instance acme --region eu --out acme.plan
  fleetpurge plan - --uid-column device.uid --instance acme --region eu --out acme.plan < export
  fleetpurge plan devices.csv --base-url http://127.0.0.1:8080 --out rehearsal.plan

A repeated row and a row with a blank uid or name are skipped, with the reason. A uid with two names refuses the whole \
plan. No socket is opened. Next: `fleetpurge apply PLAN`.";

pub(crate) const APPLY: &str = "\
Examples:
  fleetpurge apply acme.plan --limit 1                  # one device first
  fleetpurge apply acme.plan                            # asks for acme/1250 to be typed
  fleetpurge apply acme.plan --confirm acme/1250        # where nobody can be asked
  fleetpurge apply acme.plan --retry failed,rejected
  fleetpurge apply acme.plan --client-secret-command 'pass show nexthink/secret'

Credentials (never an argument):
  NEXTHINK_CLIENT_ID with NEXTHINK_CLIENT_SECRET, --client-secret-file or --client-secret-command;
  or NEXTHINK_TOKEN

Exit codes:
  0    done, every planned device scheduled (skipped rows aside)
  1    an error before the first attempt, or of this machine
  2    wrong usage
  3    done, but some are invalid, failed or rejected
  4    done, but some are unknown
  5    stopped early; pending devices remain: run it again
  6    refused: altered plan, wrong tenant, confirmation missing or wrong
  130  interrupted; the ledger is whole: run it again

Ctrl-C stops: requests in flight finish and are recorded, the same command goes on later. A second Ctrl-C stops at \
once; what was in flight is then `unknown`.";

pub(crate) const STATUS: &str = "\
Examples:
  fleetpurge status acme.plan
  fleetpurge status acme.plan --format json | jq .pending

Exits 0 whenever it could answer. Works while an `apply` runs.";

pub(crate) const REPORT: &str = "\
Examples:
  fleetpurge report acme.plan
  fleetpurge report acme.plan --format csv --out acme-report.csv
  fleetpurge report acme.plan --format ndjson | jq -r 'select(.outcome != \"scheduled\") | .uid'

Keys of a row:
  row, uid, name, outcome, detail, code, batch, attempts, request_id, trace_id, at

Outcomes:
  scheduled  the service queued the deletion
  invalid    the service called the uid malformed
  failed     the service could not schedule it, and went on saying so
  rejected   the service refused the entry
  unknown    the service may or may not have acted
  pending    never sent, or surely not applied
  skipped    left out at planning, with the reason";

pub(crate) const SIMULATE: &str = "\
Examples:
  fleetpurge simulate                               # prints http://127.0.0.1:PORT, then serves
  fleetpurge simulate --port 8080 --faults faults.json
  curl http://127.0.0.1:8080/_simulator/requests    # what it has received, as NDJSON

Accepts any client credentials. Serves until Ctrl-C or SIGTERM. Plan for it with --base-url http://127.0.0.1:PORT.";

pub(crate) const DEMO: &str = "\
Example:
  fleetpurge demo

Writes an export of 1,250 rows (some malformed, repeated or blank), plans it, applies the plan to a simulated tenant \
within this process, prints the report, and leaves the files in a directory that it names.";

pub(crate) const SCHEMA: &str = "\
Examples:
  fleetpurge schema                                 # which there are
  fleetpurge schema report-line > report-line.json
  fleetpurge schema faults > faults.schema.json     # for an editor that completes fault scripts

JSON Schema, draft 2020-12. The records have exactly the keys that their schema names; a new key is a new version of \
this tool.";

pub(crate) const COMPLETIONS: &str = "\
Example:
  fleetpurge completions bash > ~/.local/share/bash-completion/completions/fleetpurge";
