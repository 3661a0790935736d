#pragma once

#include <string>

#include "base/result.h"
#include "scenario/scenario.h"

// Who may connect to a private server, and how.

namespace poolbench::service {

/// The superuser of a private server, and the ordinary role of data commands and targets.
inline constexpr const char* kSuperuser = "postgres";
inline constexpr const char* kOrdinaryRole = "poolbench";

/// pg_hba.conf: poolbench's own user becomes the superuser over the unix socket; everybody else
/// connects as the settings say, and in no other way. Without auth and tls everybody may do
/// everything.
std::string access_rules(const scenario::PostgresSettings& settings);

/// pg_ident.conf, by which `user` of the operating system may become the superuser.
std::string user_map(const std::string& user);

/// The user of the operating system that we are. kFailed where it has no name.
base::Result<std::string> own_user();

/// 32 hexadecimal digits that nobody can guess.
std::string random_password();

}  // namespace poolbench::service
