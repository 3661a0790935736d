#pragma once

#include "base/endpoint.h"
#include "process/command.h"
#include "scenario/scenario.h"
#include "service/target_service.h"

namespace poolbench::service {

/// The target's serve command with its placeholders and the parameters filled in: those with an
/// argument or flag stand where "{arguments}" is (or at the end), those with an environment
/// variable there: strings bare, all else as JSON (under schema 1 strings, too).
base::Result<process::Command> serve_command(const scenario::TargetSettings& settings,
                                             const TargetPlaces& places,
                                             const base::Endpoint& endpoint);

}  // namespace poolbench::service
