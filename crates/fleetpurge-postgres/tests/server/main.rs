//! Against a real server: what it lets in, what it encrypts, and what it promises to keep.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod durability;
mod logins;
mod rig;
mod tls;
mod variables;

use std::process::ExitCode;

use fleetpurge_testing::postgres::run as run_trials;
use fleetpurge_testing::trials;

fn main() -> ExitCode {
    if let Some(url) = variables::url_of_child() {
        return variables::child(&url);
    }
    run_trials(trials![
        logins::a_password_is_of_the_variable_or_of_the_first_line_that_fits,
        logins::a_password_file_that_others_can_read_is_refused_although_its_password_is_right,
        logins::a_refused_login_names_user_and_host_and_no_password,
        logins::a_database_that_is_not_there_or_not_for_this_user_is_told,
        logins::a_folder_is_where_the_socket_is,
        logins::a_server_that_is_away_is_passed_over_and_one_that_refuses_is_not,
        logins::a_session_is_as_promised_whatever_the_user_has_set,
        logins::a_session_that_the_server_ends_is_lost,
        logins::statements_that_are_not_in_the_session_tell_of_a_pooler,
        tls::the_mode_says_what_is_encrypted_and_whom_it_trusts,
        tls::a_server_without_tls_is_used_without_it_only_if_that_was_said,
        tls::a_user_who_has_to_encrypt_is_refused_without,
        tls::the_certificate_is_for_the_host_and_not_for_its_address,
        tls::a_login_is_bound_to_the_certificate,
        tls::a_client_certificate_is_a_login,
        durability::what_the_server_may_lose_is_refused_by_its_setting,
        durability::a_standby_is_refused_and_its_primary_server_is_found,
        variables::the_variables_of_the_process_are_followed,
        variables::the_url_is_before_the_variables,
    ])
}
