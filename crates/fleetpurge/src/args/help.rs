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
  UBIDOTS_TOKEN           a token of the Ubidots account
  UBIDOTS_API_KEY         its API key, to have tokens issued, instead of a token
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
  6    refused: altered plan, wrong tenant, cap exceeded, confirmation missing or wrong, or
       a --protect entry without a row
  130  interrupted; the ledger is whole: run `apply` again
  Every end but 0 names the next command to type, on the last line of stderr: never the one that
  has just failed, and never one that passes a refusal, which is yours to decide.";

pub(crate) const PLAN: &str = "\
Examples:
  fleetpurge plan devices.csv --instance acme --region eu --out acme.plan
  fleetpurge plan a.csv b.csv --protect vip.txt --instance acme --region eu --out acme.plan
  fleetpurge plan - --uid-column device.uid --instance acme --region eu --out acme.plan < export
  fleetpurge plan devices.csv --comment-char '#' --instance acme --region eu --out acme.plan
  fleetpurge plan devices.csv --base-url http://127.0.0.1:8080 --out rehearsal.plan
  fleetpurge plan old.csv --service ubidots --out old.plan

A repeated row and a row with a blank uid or name are skipped, with the reason. A uid with two names refuses the whole \
plan. So does a list that may not say what was meant: a row that begins like a comment (#, //, --, ;, ', REM), a second \
column that holds UUIDs, columns that look swapped, no well-formed uid at all, a quote that is never closed, a last row \
that is cut off. A last row without a line end is planned with a warning: its last field may be half a name.

Lists for --protect:
  SRV-DC01              a uid or name; case, outer space, NFC or NFD make no difference
  SRV-*, PC-?, L[0-9]   patterns: any characters, any one, one of a set
  PC-7  # the boss      a # after a space begins a comment, and so does one that begins a line
  \"PC # 7\", PC#8        names that hold a #
  uid,name              a header: the file is CSV, and each row protects by both
An entry that protects no row is listed with its line and refuses the plan (6), unless --allow-unmatched-protect says that \
it is meant. Half a name is no match: PC-7 does not protect PC-7.corp.example.

No socket is opened, with one exception: where a list, or --protect, names Ubidots devices by their label, they are \
looked up in the account (UBIDOTS_TOKEN or UBIDOTS_API_KEY), so that the plan holds ids. Next: `fleetpurge apply PLAN`.";

pub(crate) const SELECT: &str = "\
Examples:
  fleetpurge select --service ubidots --inactive-since 6mo --out old.csv
  fleetpurge select --service ubidots --inactive-since 2026-01-01 --never-active --out old.csv
  fleetpurge select --service ubidots --tag retired --out retired.csv

Credentials: UBIDOTS_TOKEN or UBIDOTS_API_KEY.

Devices have to meet every condition. The service is asked for them, and each device that it lists is held against the \
conditions here, too: a filter that the service does not know would list every device. Where the list is not whole (a \
device twice, a count that does not agree) nothing is written. Next: review the file, then `fleetpurge plan`.";

pub(crate) const BACKUP: &str = "\
Examples:
  fleetpurge backup acme.plan                           # to acme.plan.backup
  fleetpurge backup acme.plan --out /backups/acme       # again: goes on where it stopped
  fleetpurge apply acme.plan --require-backup           # refuses unless all of it is saved
  gzip -dc acme.plan.backup/devices/*.ndjson.gz | jq -c 'select(.type == \"value\")'

Writes:
  DIR/backup.json           its plan, each file's SHA-256; finished_at is null until it is whole
  DIR/devices/ID.ndjson.gz  a device, its variables and values; whole once it has its name
  PLAN.backup.json          where DIR is, once the backup is whole: for `apply --require-backup`

Credentials (never an argument):
  UBIDOTS_TOKEN; or UBIDOTS_API_KEY, to have tokens issued

Exit codes:
  0    every device is saved, but for those that this plan has deleted already
  1    an error before the first request, or of this machine
  2    wrong usage, or a plan of a service whose devices cannot be read
  3    done, but devices were not found that this plan has not deleted: they are not saved
  5    stopped early: run it again
  6    refused: an altered plan, or a folder that is not this plan's
  130  interrupted: run it again

Only reads. What the service serves is kept byte for byte. Values that come while a device is being saved are not in its \
file. A device that is not found (404) is gone, or the token may not read it: `apply --require-backup` refuses it.";

pub(crate) const APPLY: &str = "\
Examples:
  fleetpurge apply acme.plan --limit 1                  # one device first
  fleetpurge apply acme.plan                            # asks for acme/1250 to be typed
  fleetpurge apply acme.plan --confirm acme/1250        # where nobody can be asked
  fleetpurge apply acme.plan --retry failed,rejected
  fleetpurge apply acme.plan --client-secret-command 'pass show nexthink/secret'

Credentials (never an argument):
  NEXTHINK_CLIENT_ID      and its secret:
  NEXTHINK_CLIENT_SECRET  or --client-secret-file, or --client-secret-command
  NEXTHINK_TOKEN          instead of both
  UBIDOTS_TOKEN           or UBIDOTS_API_KEY

Exit codes:
  0    done, every planned device scheduled (skipped rows aside)
  1    an error before the first attempt, or of this machine
  2    wrong usage
  3    done, but some are invalid, failed or rejected
  4    done, but some are unknown
  5    stopped early; pending devices remain: run it again
  6    refused: altered plan, wrong tenant, confirmation missing or wrong
  130  interrupted; the ledger is whole: run it again

Scheduled is not yet deleted: the service deletes later. `fleetpurge verify` looks whether the devices are gone.

At the prompt nothing but the tenant and count that it asks for is accepted. At a terminal a line shows how far the run \
is; elsewhere a line on stderr every 10 seconds.

Ctrl-C, SIGTERM and a closed terminal stop: requests in flight finish and are recorded, the same command goes on later. \
A second Ctrl-C or SIGTERM stops at once; what was in flight is then `unknown`. Under `nohup` the terminal may close.

While a plan is applied, leave the file and what lies beside it (PLAN-wal, PLAN-shm, PLAN.lock) where they are.";

pub(crate) const STATUS: &str = "\
Examples:
  fleetpurge status acme.plan
  fleetpurge status acme.plan --format json | jq .pending

Exits 0 whenever it could answer. Works while an `apply` runs, and says whether one does: a run that has not written down \
its end and whose plan nobody holds has died. The devices that were in flight then are unknown.";

pub(crate) const REPORT: &str = "\
Examples:
  fleetpurge report acme.plan
  fleetpurge report acme.plan --format csv --out acme-report.csv
  fleetpurge report acme.plan --format ndjson | jq -r 'select(.outcome != \"scheduled\") | .uid'

Keys of a row:
  row, uid, name, outcome, detail, code, batch, attempts, request_id, trace_id, at

CSV is for spreadsheets: a hidden character is written by its number (\\u{202e}), and a text that a spreadsheet would take \
for a formula has an apostrophe before it. ndjson and json hold every text character for character.

Outcomes:
  scheduled  the service queued the deletion
  invalid    the service called the uid malformed
  failed     the service could not schedule it, and went on saying so
  rejected   the service refused the entry
  unknown    the service may or may not have acted
  pending    never sent, or surely not applied
  skipped    left out at planning, with the reason";

pub(crate) const VERIFY: &str = "\
Examples:
  fleetpurge verify acme.plan --inventory fresh-export.csv
  fleetpurge verify acme.plan --inventory fresh-export.csv --uid-column device.uid
  fleetpurge verify old.plan --live                 # Ubidots: asks the account itself
  fleetpurge verify old.plan --live --format ndjson | jq -r 'select(.found == \"present\") | .uid'

Looks for the devices that are scheduled or unknown.

`--inventory` compares uids as UUIDs, without outer space. An export proves nothing, and is refused, if it has no rows, if \
uids are blank or malformed, if a row is commented out, if it is one of several inputs of the plan, if its file is older than the last request for a deletion, or \
if it holds no uid of the plan, not even one that was skipped or is pending: it may be of another tenant, or hold another \
column of uids. Export all devices, so that some of the plan remain. If the plan knows no device that remains, or the \
tenant is empty, `--allow-no-overlap` says that this is meant; it lifts no other rule. A planned name under another uid is \
listed and not counted as gone.

`--live` needs UBIDOTS_TOKEN or UBIDOTS_API_KEY. It reads the list of the account, 200 devices a request, or asks for each \
device by id if that takes fewer requests and the list is longer than eleven pages, and says which. A listed device is \
there. A list that changes while it is read can hide a device: one that a list of several pages lacks is gone only if a \
second list lacks it, too, or the service says so by id. By id, only a 404 in the service's own words counts as gone. Labels are not asked for: a device that \
still sends data is created again under its label, as another device.

Keys of a device:
  row, uid, name, outcome, found (present, gone, another_uid, not_known), detail

Exit codes:
  0  every device that was looked for is gone
  1  it could not be found out: an error, an export that proves nothing, or nothing to look for
  2  wrong usage
  3  some are still there: deletion takes its time, so look again later
  4  none is still there for certain, but of some it is not known, or their name has another uid
  6  refused: an altered plan";

pub(crate) const SIMULATE: &str = "\
Examples:
  fleetpurge simulate                               # prints http://127.0.0.1:PORT, then serves
  fleetpurge simulate --port 8080 --faults faults.json
  curl http://127.0.0.1:8080/_simulator/requests    # what it has received, as NDJSON

  fleetpurge simulate --ubidots-devices 1000        # an account for `select`, `plan`, `verify`

Serves Nexthink's API and Ubidots' on one port. Accepts any client credentials and any API key, and the tokens that it \
issues. Serves until Ctrl-C, SIGTERM or SIGHUP. Plan for it with --base-url http://127.0.0.1:PORT.";

pub(crate) const DEMO: &str = "\
Examples:
  fleetpurge demo
  fleetpurge demo --service ubidots

Writes an export of 1,250 rows (some malformed, repeated or blank), plans it, applies the plan to a simulated tenant \
within this process, prints the report, and leaves the files in a directory that it names. With `--service ubidots` it \
first selects the devices from a simulated account, and at the end verifies that they are gone.";

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
