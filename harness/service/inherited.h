#pragma once

#include "base/environment.h"
#include "base/json.h"
#include "scenario/target/target_spec.h"

namespace poolbench::service {

/// All that a program of the target gets (data and version commands, the server): the standard
/// part of `caller`'s environment, what the target's `inherit` names, and over them `database`,
/// libpq's variables.
base::Environment target_environment(const scenario::TargetSpec& target,
                                     const base::Environment& database = {},
                                     const base::Environment& caller = base::own_environment());

/// Adds to `facts` what the target's programs get of `caller`'s environment, as a SHA-256 of each
/// value by name: "inherited" as `inherit` names them (null: not set), "inherited_always" the
/// standard part.
void describe_inherited(const scenario::TargetSpec& target, base::Json& facts,
                        const base::Environment& caller = base::own_environment());

}  // namespace poolbench::service
