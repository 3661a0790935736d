#pragma once

#include <string>
#include <vector>

#include "base/endpoint.h"
#include "base/result.h"
#include "base/time.h"
#include "process/supervisor.h"
#include "scenario/target/target_spec.h"

namespace poolbench::service {

/// What came back for one GET. `failure` in words when no whole answer did.
struct Answer {
  int status = 0;
  std::string body;
  std::string worker;  ///< value of the target's worker header, if any
  std::string failure;
};

/// Why the answer is not what the endpoint must give, in words; empty if it is right.
std::string mismatch(const Answer& answer, const scenario::Expectation& expect,
                     const std::string& nonce);

/// A text of a request or its answer with {nonce} and {seq} (0) filled in.
std::string fill_request(const std::string& text, const std::string& nonce);

/// Sends `count` GETs at the same time and returns all answers, while watching the supervised
/// children: fails when one ends or on an interrupt. Answers later than `limit` are failures.
base::Result<std::vector<Answer>> ask(process::Supervisor& supervisor,
                                      const base::Endpoint& endpoint, const std::string& path,
                                      const std::string& worker_header, int count,
                                      base::Duration limit);

}  // namespace poolbench::service
