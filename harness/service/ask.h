#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/endpoint.h"
#include "base/result.h"
#include "base/time.h"
#include "process/supervisor.h"

// Single HTTP requests to a target, outside of any load.

namespace poolbench::service {

/// A request as it is sent.
struct HttpRequest {
  std::string method = "GET";
  std::string path = "/";
  std::vector<std::pair<std::string, std::string>> headers{};
  std::string body{};
};

/// What came back. `failure` in words when no whole answer did.
struct Answer {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers{};
  std::string body{};
  std::string worker{};  ///< value of the target's worker header, if any
  std::string failure{};
};

/// Requests to send at the same time, each on a connection of its own.
struct Question {
  base::Endpoint endpoint;
  std::vector<HttpRequest> requests;
  base::Duration limit{};       ///< later answers are failures
  std::string worker_header{};  ///< empty: the target has none
};

/// Returns all answers, in the order of the requests. Redirects are answers. Meanwhile it watches
/// `children`: fails when one of them (without any, when any supervised child) ends, and on an
/// interrupt.
base::Result<std::vector<Answer>> ask(process::Supervisor& supervisor, const Question& question,
                                      const std::vector<process::Child*>& children = {});

}  // namespace poolbench::service
