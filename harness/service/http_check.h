#pragma once

#include <string>
#include <vector>

#include "base/endpoint.h"
#include "base/result.h"
#include "base/time.h"
#include "process/supervisor.h"
#include "scenario/target/target_file.h"

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

/// GETs to send at the same time.
struct Question {
  base::Endpoint endpoint;
  std::string path;
  base::Duration limit{};  ///< later answers are failures
  int count = 1;
  std::string worker_header{};  ///< empty: the target has none
};

/// Returns all answers; meanwhile it watches `children`: fails when one of them (without any, when
/// any supervised child) ends, and on an interrupt.
base::Result<std::vector<Answer>> ask(process::Supervisor& supervisor, const Question& question,
                                      const std::vector<process::Child*>& children = {});

}  // namespace poolbench::service
