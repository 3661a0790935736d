#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/endpoint.h"
#include "base/environment.h"
#include "base/placeholder.h"
#include "process/command.h"
#include "scenario/target/target_spec.h"

namespace poolbench::service {

/// What the placeholders of a target's texts stand for. `environment` is that of the command: its
/// libpq variables say which database is meant ({pghost} …, {database_url}); what they leave open
/// has no value. `endpoint` is where the target shall listen.
base::WordValues target_words(const std::filesystem::path& prepared,
                              const base::Environment& environment = {},
                              const std::optional<base::Endpoint>& endpoint = std::nullopt);

/// Gives the command these words, filled; `arguments` come as they are where {arguments} stands, or
/// at the end. A relative program with a '/' is taken from the target's folder. Messages show the
/// words as they were, since a password may be filled in.
base::Result<void> set_words(process::Command& command, const scenario::TargetSpec& target,
                             const std::vector<std::string>& argv, const base::WordValues& values,
                             std::vector<std::string> arguments = {});

}  // namespace poolbench::service
