#pragma once

#include "base/endpoint.h"
#include "process/command.h"
#include "scenario/scenario.h"
#include "service/target_service.h"

namespace poolbench::service {

/// The target's serve command with {prepared}, {host}, {port} and the parameters filled in: those
/// with an argument stand where "{arguments}" is (or at the end), those with an environment
/// variable as JSON.
process::Command serve_command(const scenario::TargetSettings& settings, const TargetPlaces& places,
                               const base::Endpoint& endpoint);

}  // namespace poolbench::service
