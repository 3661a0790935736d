#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "process/supervisor.h"

namespace poolbench::process {

/// Waits until `ready` returns true, asking every few milliseconds or whenever one of `wake` is
/// readable. Fails when one of `children` ends meanwhile (its exit and the tail of its log; without
/// any, when any child does), on an interrupt, and when `limit` has passed: then with `what` and
/// the tail of `log`.
base::Result<void> wait_until_ready(Supervisor& supervisor, const std::string& what,
                                    const std::filesystem::path& log, base::Duration limit,
                                    const std::function<bool()>& ready,
                                    const std::vector<int>& wake = {},
                                    const std::vector<Child*>& children = {});

/// "target ended (exit status 3) while …" with the tail of its log.
base::Error ended_error(const ChildExited& ended, const std::string& meanwhile);

/// Runs a command to its end. Fails unless it exits with 0, with the tail of its log: kUnavailable
/// where it exits with 69, EX_UNAVAILABLE of sysexits.h, by which it says that something is not
/// installed.
base::Result<void> run_to_success(Supervisor& supervisor, const Command& command,
                                  base::Duration limit);

/// Runs a command to its end and returns what it wrote to stdout.
base::Result<std::string> capture_stdout(Supervisor& supervisor, Command command,
                                         base::Duration limit);

}  // namespace poolbench::process
