//! The parts of the help that are prose: examples, environment, exit codes.

pub(crate) const ABOUT: &str = "\
Removes devices from a fleet inventory in bulk: review a plan, then delete exactly its devices.

A deletion cannot be undone. So `plan` first turns a list of devices into a plan, a file that you review. `apply` then \
deletes exactly the devices of that plan, in batches, and records the outcome of each. After any interruption, run the \
same `apply` again: it resumes where it stopped. A device that the service may already have deleted is not sent again \
unless you ask for it.";

pub(crate) const SHORT: &str = "\
Examples:
  fleetpurge demo                                              # the whole workflow, simulated
  fleetpurge plan devices.csv --instance acme --region eu --out acme.plan
  fleetpurge show acme.plan                                    # review its rows
  fleetpurge apply acme.plan --limit 1                         # one device first
  fleetpurge apply acme.plan
  fleetpurge report acme.plan

`fleetpurge --help` also lists environment variables and exit codes.";

/// The variables, for the help of the command and for a topic of its own.
macro_rules! environment {
    () => {
        "\
Environment:
  NEXTHINK_CLIENT_ID      client id of the API credentials (for `apply`, and for `--query`)
  NEXTHINK_CLIENT_SECRET  the client secret; or `--client-secret-file`, `--client-secret-command`
  NEXTHINK_TOKEN          a bearer token, instead of the two above
  UBIDOTS_TOKEN           a token of the Ubidots account
  UBIDOTS_API_KEY         the API key, which requests tokens, instead of a token
  FLEETPURGE_CONFIG       the configuration file; default: fleetpurge/config.toml in one of these:
  XDG_CONFIG_HOME, HOME   the folder, or .config in the home folder (Windows: APPDATA)
  XDG_STATE_HOME          where `apply` remembers plans in databases, or .local/state at home
  FLEETPURGE_PROFILE      the profile, if `--profile` names none
  HTTPS_PROXY, HTTP_PROXY the proxy for https:// and for http://; ALL_PROXY: for both
  NO_PROXY                hosts, networks (10.0.0.0/8) and * that are reached without it
  https_proxy, http_proxy the same in lower case; also all_proxy and no_proxy
  REQUEST_METHOD          if set, as web servers do for their programs, no proxy is used
  PGHOST, PGHOSTADDR      the server of a plan in a database, if its address names none
  PGPORT, PGDATABASE      the port and the database, likewise
  PGUSER, PGAPPNAME       who logs in, and what the program is called there
  PGPASSFILE, PGPASSWORD  the file with the password (default: .pgpass at home), or the password
  PGSSLMODE, PGSSLCERT    how TLS is used, and the certificate of this side; PGSSLKEY: its key
  PGSSLROOTCERT           trusted certificates (PEM), not the system's
  PGCONNECT_TIMEOUT       how many seconds a server is waited for
  PGTARGETSESSIONATTRS    which of several servers will do, e.g. read-write
  SSL_CERT_FILE           trusted certificates (PEM), not the system's; not on Windows and macOS
  SSL_CERT_DIR            folders of them, with : between
  RUST_LOG                what to log on stderr, e.g. `debug`
  PAGER, LESS             the program that shows long texts, and the options of less
  TERM                    dumb: no moving line of progress, but lines, as without a terminal
  COLUMNS                 the width of the help without a terminal
  NO_COLOR                no colours. CLICOLOR=0: none in the help; CLICOLOR_FORCE=1: always
  USER, LOGNAME, USERNAME who applies or verifies a plan, for its records: the first that is set
  TMPDIR                  where temporary files are, e.g. those of `demo` (Windows: TEMP, TMP)
  Secrets are never arguments, because other users of the machine can read those.
  A flag takes precedence over the environment, and that over the profile."
    };
}

/// The exit codes, likewise.
macro_rules! exit_codes {
    () => {
        "\
Exit codes:
  0    done, every planned device scheduled (skipped rows aside)
  1    an error before the first attempt, or of this machine
  2    wrong usage
  3    done, but some are invalid, failed or rejected
  4    done, but some are unknown
  5    stopped early; pending devices remain: run `apply` again
  6    refused: altered plan, wrong tenant, cap exceeded, confirmation missing or wrong,
       a --protect entry or a name pattern without a row, or a plan that is too old
  130  interrupted; the plan is whole: run `apply` again
  Unless the exit code is 0, the last line of stderr suggests the next command. It is never the
  command that has just failed, and never overrides a refusal."
    };
}

pub(crate) const ENVIRONMENT: &str = environment!();

pub(crate) const EXIT_CODES: &str = exit_codes!();

pub(crate) const LONG: &str = concat!(
    "\
Examples:
  fleetpurge demo                                              # the whole workflow, simulated
  fleetpurge plan devices.csv --instance acme --region eu --out acme.plan
  fleetpurge show acme.plan                                    # review its rows
  fleetpurge apply acme.plan --limit 1                         # one device first
  fleetpurge apply acme.plan
  fleetpurge report acme.plan

",
    environment!(),
    "\n\n",
    exit_codes!()
);

/// How lists may be written, for the help of `plan` and for a topic of its own.
macro_rules! formats {
    () => {
        "\
Formats, told by the first bytes and not by the name of the file:
  CSV      , ; tab or | between fields; UTF-8, or UTF-16 with a byte order mark
           (others: --encoding); lines end with LF, CRLF or CR; sep=; may be the first line
  XLSX     uid and name are text cells; the sheet that has the columns, or --sheet;
           hidden or filtered rows only with --include-hidden
  NDJSON   one object a line, with the columns as keys: {\"uid\": \"..\", \"name\": \"..\"}
  JSON     an array of such objects, {\"devices\": [..]} (the request body), {\"results\": [..]}
  Ubidots  also [\"id\", ..], {\"id\": \"..\"}, and one id a line
  gzip or Zstandard around any of these
Columns match without regard to case, space, dot and underscore. Nexthink has two UIDs, device.uid and \
device.collector.uid, and both are UUIDs: with both in a list, name one with --uid-column. Titles above the header are \
skipped with --header-row N.

Lists for --protect have these formats, too: a table with a column of uids or of names, or one value a line, a row of \
a sheet or an element of an array. --protect-sheet chooses the sheet, --include-hidden is for them as well. As text:
  SRV-DC01              a uid or name; case, surrounding space, NFC or NFD make no difference
  SRV-*, PC-?, L[0-9]   patterns: any characters, any one, one of a set
  PC-7  # the boss      a comment: a # after a space, or at the beginning of a line
  \"PC # 7\", PC#8        names that contain a #
  uid,name              a header: the file is CSV, and each row protects by both columns
An entry that protects no row is listed with its line and refuses the plan (exit code 6), unless \
--allow-unmatched-protect is given. A part of a name is no match: PC-7 does not protect PC-7.corp.example."
    };
}

pub(crate) const FORMATS: &str = formats!();

pub(crate) const PLAN: &str = concat!(
    "\
Examples:
  fleetpurge plan devices.csv --instance acme --region eu --out acme.plan
  fleetpurge plan --query '#stale_devices' --of '#all_devices' \\
    --instance acme --region eu --out acme.plan
  fleetpurge plan a.csv b.csv --protect vip.txt --instance acme --region eu --out acme.plan
  fleetpurge plan - --uid-column device.uid --instance acme --region eu --out acme.plan < export
  fleetpurge plan devices.xlsx --sheet Retired --instance acme --region eu --out acme.plan
  fleetpurge plan devices.csv --include-name 'LAP-*' --exclude-name '*-VIP' \\
    --instance acme --region eu --out acme.plan
  fleetpurge plan devices.csv --comment-char '#' --instance acme --region eu --out acme.plan
  fleetpurge plan devices.csv --base-url http://127.0.0.1:8080 --out rehearsal.plan
  fleetpurge plan old.csv --service ubidots --out old.plan

Repeated rows, and rows with a blank uid or name, are skipped with the reason. A uid with two names refuses the whole \
plan. So does an ambiguous list: a row that begins like a comment (#, //, --, ;, ', REM), a second column of UUIDs, \
columns that look swapped, no well-formed uid, a quote that is never closed, a last row that is cut off. A last row \
without a line end is planned with a warning, because its last field may be incomplete.

",
    formats!(),
    "

`plan` opens no socket, with two exceptions: --query runs a saved query of Nexthink, and if a list or --protect names Ubidots devices by their label, it looks them up \
in the account (UBIDOTS_TOKEN or UBIDOTS_API_KEY), so that the plan contains ids. Names that a list has not are not looked up for --exclude-name: a row without a label \
refuses such a plan. Next: `fleetpurge show PLAN`, then `fleetpurge apply PLAN`."
);

pub(crate) const SELECT: &str = "\
Examples:
  fleetpurge select --service ubidots --inactive-since 6mo --out old.csv
  fleetpurge select --service ubidots --inactive-since 2026-01-01 --never-active --out old.csv
  fleetpurge select --service ubidots --tag retired --out retired.csv
  fleetpurge select --query '#stale_devices' --expect 100..2000 \\
    --instance acme --region eu --out old.csv

Credentials: UBIDOTS_TOKEN or UBIDOTS_API_KEY; for --query those of Nexthink, as for `apply`.

--query runs a query that was saved in Nexthink, and writes its whole result, or nothing: a result that the licence cut off, or a \
file that did not come to its end, is an error. The token never goes to the host of the file.

A device must meet every condition. `select` checks each listed device itself, because the service may ignore a filter \
that it does not know and list every device. If the list is incomplete (a device twice, a wrong count), nothing is \
written. Next: review the file, then `fleetpurge plan`.";

pub(crate) const BACKUP: &str = "\
Examples:
  fleetpurge backup acme.plan                           # to acme.plan.backup
  fleetpurge backup acme.plan --out /backups/acme       # run again: resumes
  fleetpurge apply acme.plan --require-backup           # refuses unless every device is saved
  gzip -dc acme.plan.backup/devices/*.ndjson.gz | jq -c 'select(.type == \"value\")'

Writes:
  DIR/backup.json           the plan, and the SHA-256 of each file; finished_at is null until the end
  DIR/devices/ID.ndjson.gz  a device, its variables and values; named when it is complete
  PLAN.backup.json          the path of DIR, when the backup is complete: for `apply --require-backup`

Credentials (never an argument):
  UBIDOTS_TOKEN; or UBIDOTS_API_KEY, which requests tokens

Exit codes:
  0    every device is saved, except those that this plan has already deleted
  1    an error before the first request, or of this machine
  2    wrong usage, or a plan of a service whose devices cannot be read
  3    done, but some devices were not found, though this plan has not deleted them: not saved
  5    stopped early: run it again
  6    refused: an altered plan, or the folder of another plan
  130  interrupted: run it again

`backup` only reads. It keeps the data byte for byte. Values that arrive while a device is being saved are not in its \
file. A device that is not found (404) is gone, or the token may not read it: `apply --require-backup` refuses it.";

pub(crate) const APPLY: &str = "\
Examples:
  fleetpurge apply acme.plan --dry-run                  # what would be sent; needs no credentials
  fleetpurge apply acme.plan --limit 1                  # one device first
  fleetpurge apply acme.plan                            # prompts for acme/1250
  fleetpurge apply acme.plan --confirm acme/1250        # without a prompt
  fleetpurge apply acme.plan --retry failed,rejected
  fleetpurge apply acme.plan --client-secret-command 'pass show nexthink/secret'

Credentials (never an argument):
  NEXTHINK_CLIENT_ID      with the client secret:
  NEXTHINK_CLIENT_SECRET  or --client-secret-file, or --client-secret-command
  NEXTHINK_TOKEN          instead of client id and secret
  UBIDOTS_TOKEN           or UBIDOTS_API_KEY

Exit codes:
  0    done, every planned device scheduled (skipped rows aside)
  1    an error before the first attempt, or of this machine
  2    wrong usage
  3    done, but some are invalid, failed or rejected
  4    done, but some are unknown
  5    stopped early; pending devices remain: run it again
  6    refused: altered plan, wrong tenant, confirmation missing or wrong, plan too old
  130  interrupted; the plan is whole: run it again

`scheduled` does not mean deleted: the service deletes later. Check with `fleetpurge verify`.

The prompt accepts only the tenant and count that it shows. Progress is a line at the bottom of the terminal; without a \
terminal, a line on stderr every 10 seconds.

Ctrl-C, SIGTERM and a closed terminal stop the run: requests in flight finish and are recorded, and the same command \
resumes later. Press Ctrl-C again (or send a second SIGTERM) to stop immediately; devices in flight are then `unknown`. \
With `nohup`, the terminal may be closed.

Do not move or remove the plan, or the files beside it (PLAN-wal, PLAN-shm, PLAN.lock), while it is applied.";

pub(crate) const STATUS: &str = "\
Examples:
  fleetpurge status acme.plan
  fleetpurge status acme.plan --format json | jq .pending

Exits with 0 if the plan could be read, also while an `apply` runs. It shows whether one runs: a run without a recorded \
end has died if nobody holds the plan. The devices that it had in flight are unknown.";

pub(crate) const REPORT: &str = "\
Examples:
  fleetpurge report acme.plan
  fleetpurge report acme.plan --format csv --out acme-report.csv
  fleetpurge report acme.plan --format csv --only unknown,failed
  fleetpurge report acme.plan --format html --out acme.html
  fleetpurge report acme.plan --format ndjson | jq -r 'select(.outcome != \"scheduled\") | .uid'

Keys of a row:
  row, uid, name, outcome, detail, code, batch, attempts, request_id, trace_id, at
  line: where the row stands in its file (of a workbook the row, of a JSON array the element)
  source, only if the plan has several inputs: the file that the row was read from
  `batch` is numbered over all runs of the plan.

CSV is for spreadsheets. It begins with a byte order mark, so that Excel reads it as UTF-8. A tab, a line break or a \
hidden character is written as its number (\\t, \\u{202e}), and text that begins with = + - or @, also after a space, a \
quote or a semicolon, gets an apostrophe before it, so that it is no formula. With --raw, CSV has every text exactly as \
the plan has it and no byte order mark; ndjson and json always do.

The HTML page needs no network and runs in any browser: totals, a chart, the request ids for the vendor's support, and a \
list of devices with a search. Printed, it has the first 2,000 rows that are chosen. It has at most 250,000 rows: for more, \
choose with --only, or use CSV.

Outcomes:
  scheduled  the service queued the deletion
  invalid    the service reported the uid as malformed
  failed     the service reported a failure, in every attempt
  rejected   the service refused the entry
  unknown    the service may or may not have acted
  pending    not sent, or certainly not applied
  skipped    left out by `plan`, with the reason";

pub(crate) const SHOW: &str = "\
Examples:
  fleetpurge show acme.plan
  fleetpurge show acme.plan --skipped                   # what was left out, and why
  fleetpurge show acme.plan --name 'SRV-*'
  fleetpurge show acme.plan --outcome unknown,failed --format csv > check.csv

At a terminal, the rows are shown with $PAGER (default: less); `--no-pager` or PAGER=cat prints them. Rows are in input \
order, with the keys of `fleetpurge report`. Next: `fleetpurge apply PLAN`.";

pub(crate) const SERVE: &str = "\
Examples:
  fleetpurge serve acme.plan                # prints the address; open it in a browser
  fleetpurge serve acme.plan --port 8080
  ssh -L 8080:127.0.0.1:8080 admin-host     # the page of another machine, at the same address

The page is that of `fleetpurge report --format html`. Before an `apply` it shows the plan, for a review. While an `apply` \
of another process runs, it shows the counts, the rate and the time left as they change; the list of devices is read again \
at a click. When the run has ended, it is the report.

The page is read-only: nothing can be deleted, confirmed or stopped from it, and it does not hold up an `apply`. The plan \
is read again only while a browser shows it.

The first line of stdout is the address. It has a random token, new for each `serve`. Whoever has the address can read \
the plan as long as `serve` runs, so do not pass it on. `serve` answers on 127.0.0.1 only, reads only GET and HEAD, and \
opens no other socket. It runs until Ctrl-C, SIGTERM or SIGHUP, and then exits with 0.

If the plan is moved, removed, or replaced by another file, the page says so.";

pub(crate) const LIST: &str = "\
Examples:
  fleetpurge list
  fleetpurge list 'postgresql://ops@db.example/fleet'
  fleetpurge list /srv/plans --format json | jq -r '.plans[] | select(.state == \"died\") | .name'

States (JSON):
  never applied (new), being applied (running), stopped with pending devices (stopped), the last apply died (died), done \
(done), cannot be read (unreadable)

Every plan is read and checked as `status` does it. Files that are no plans are passed over.";

pub(crate) const COPY: &str = "\
Examples:
  fleetpurge copy acme.plan 'postgresql://ops@db.example/fleet?plan=acme-2026-11'
  fleetpurge copy 'postgresql://ops@db.example/fleet?plan=acme-2026-11' acme.plan

The copy has all attempts and outcomes, and it is read and checked at the end. What a run that died left open is settled \
first, as `apply` does it. A plan that is being applied is not copied.

The plan that was copied stays as it was. Apply only one of the two from then on: neither knows what the other sends.";

pub(crate) const VERIFY: &str = "\
Examples:
  fleetpurge verify acme.plan --inventory fresh-export.csv
  fleetpurge verify acme.plan --inventory fresh-export.csv --uid-column device.uid
  fleetpurge verify old.plan --live                 # Ubidots: looks in the account
  fleetpurge verify old.plan --live --format ndjson | jq -r 'select(.found == \"present\") | .uid'
  fleetpurge verify old.plan --live --wait 24h --every 1h   # looks again until all are gone

`verify` looks for the devices that are scheduled or unknown.

`--inventory` compares uids as UUIDs, without surrounding space. An export is refused as evidence if it has no rows, if \
uids are blank or malformed, if a row is commented out, if it is one of several inputs of the plan, if its file is older \
than the last deletion request, or if it has no uid of the plan, not even of a skipped or pending row: it may be of \
another tenant, or have another column of uids. So export all devices. If no device of the plan remains, or if the tenant \
is empty, use `--allow-no-overlap`; it lifts no other rule. If a planned name has another uid in the export, it is listed \
and not counted as gone.

`--live` needs UBIDOTS_TOKEN or UBIDOTS_API_KEY. It reads the list of the account, 200 devices per request, or asks for \
each device by id if that takes fewer requests and the list has more than eleven pages. It prints which. A listed device \
exists. A list that changes while it is read can hide a device: so a device that is missing from a list of several pages \
is gone only if a second list lacks it as well, or the service confirms it by id. By id, only a 404 with the service's \
own body counts as gone. Labels are not compared: a device that still sends data is created again under its label, with a \
new id.

The plan keeps what was found, apart from the outcomes, which stay the service's own word; `report`, `show` and `status` \
show it. A device that is there and was gone in an earlier verification came back. While an `apply` holds the plan, or if \
the plan cannot be written, the result is printed and not kept.

With `--wait`, only the last look is printed on stdout, and each look is kept. Ctrl-C stops `--live` at once, and what was \
found so far is printed and kept.

Keys of a device:
  row, uid, name, outcome, found (present, gone, another_uid, not_known), detail, came_back

Exit codes:
  0  every device that was looked for is gone
  1  no result: an error, an export that proves nothing, or nothing to look for
  2  wrong usage
  3  some still exist: deletion takes time, so check again later
  4  none certainly exists, but some are not known, or their name has another uid
  6  refused: an altered plan
  130  interrupted";

pub(crate) const DOCTOR: &str = "\
Examples:
  fleetpurge doctor --instance acme --region eu
  fleetpurge doctor --profile acme
  fleetpurge doctor acme.plan                       # for the tenant of a plan
  fleetpurge doctor --service ubidots --format json \\
    | jq -r '.checks[] | select(.verdict == \"wrong\")'

Checks (each is ok, warning, wrong, or not checked):
  configuration  the configuration file, its profile, and the address
  credentials    whether they are given, and by what
  proxy          which variable applies to each host: HTTPS_PROXY, ALL_PROXY, NO_PROXY
  dns            whether the host, or its proxy, resolves
  connection     whether the host answers
  tls            whether its certificate is trusted
  clock          how far this machine's clock is from the host's
  token          whether the token endpoint issues one, or when the given one expires
  permission     whether the claims of the token have nx_dataplatform_device_deletion_api

`doctor` requests the base URL of each host without credentials, and a token. With a Ubidots token it lists one page of \
devices. It never sends a deletion, so that only `apply --limit 1` shows that the service accepts one.

Exit codes:
  0  nothing is wrong; there may be warnings, and checks that could not be made
  1  something is wrong
  2  wrong usage";

pub(crate) const SIMULATE: &str = "\
Examples:
  fleetpurge simulate                               # prints http://127.0.0.1:PORT, then serves
  fleetpurge simulate --port 8080 --faults faults.json
  curl http://127.0.0.1:8080/_simulator/requests    # the received requests, as NDJSON

  fleetpurge simulate --ubidots-devices 1000        # with an account for `select`

The simulator serves the APIs of Nexthink and Ubidots on one port. It accepts any client credentials, any API key, and the \
tokens that it issues. It runs until Ctrl-C, SIGTERM or SIGHUP. Use it with --base-url http://127.0.0.1:PORT.";

pub(crate) const DEMO: &str = "\
Examples:
  fleetpurge demo
  fleetpurge demo --service ubidots

The demo writes an export of 1,250 rows (some malformed, repeated or blank), plans it, applies the plan to a simulated \
tenant in this process, prints the report, and names the directory of the files. With `--service ubidots`, it first \
selects the devices from a simulated account, and finally verifies that they are gone.";

pub(crate) const SCHEMA: &str = "\
Examples:
  fleetpurge schema                                 # lists them
  fleetpurge schema report-line > report-line.json
  fleetpurge schema faults > faults.schema.json     # for an editor that completes fault scripts

The schemas are JSON Schema, draft 2020-12. A record has exactly the keys of its schema. A new key comes only with a new \
version of this tool.";

pub(crate) const COMPLETIONS: &str = "\
Example:
  fleetpurge completions bash > ~/.local/share/bash-completion/completions/fleetpurge";

pub(crate) const HELP: &str = "\
Topics:
  exit-codes   what each exit code means
  environment  the environment variables
  formats      how lists may be written
  COMMAND      any command, e.g. `fleetpurge help plan`

At a terminal a long text is shown through $PAGER.";
