#pragma once

#include <string>

#include "base/result.h"
#include "scenario/scenario.h"

// Servers that run already: which of them may be sent requests.

namespace poolbench::service {

/// Fails (kBadInput) unless every address of the host is one that leads to this machine alone.
/// Names are looked up, and nothing is sent there. `next` is what to do about it.
base::Result<void> check_is_local(const std::string& host, const std::string& next);

/// The same of the target's server if it runs already, unless target.allow_remote is set.
base::Result<void> check_reach(const scenario::TargetSettings& target);

/// The same of all cells.
base::Result<void> check_reach(const scenario::Scenario& scenario);

}  // namespace poolbench::service
