#pragma once

#include <vector>

#include "base/endpoint.h"
#include "base/result.h"
#include "base/time.h"
#include "generator/options.h"
#include "process/supervisor.h"
#include "scenario/target/target_requests.h"

namespace poolbench::service {

/// Log-ins that are under way at once: servers hash passwords slowly on purpose.
inline constexpr int kLoginsAtOnce = 8;

/// Where and for whom to log in.
struct LoginPlace {
  base::HttpServer server;
  int clients = 1;
  base::Duration limit{};  ///< of one answer
  std::span<const generator::LineFile> line_files{};
  std::vector<process::Child*> watched{};  ///< the end of one of them ends the log-in
};

/// Sends the log-ins in their order and returns what they kept, the cookies among it, for each
/// client (one value where all clients share it). {seq} is the number of the client. Fails at the
/// first answer that is not what it must be, or has not what is to be kept.
base::Result<std::vector<generator::ClientValue>> log_in(
    process::Supervisor& supervisor, const std::vector<scenario::LoginSpec>& logins,
    const LoginPlace& place);

}  // namespace poolbench::service
