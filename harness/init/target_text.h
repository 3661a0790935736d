#pragma once

#include <string>

#include "init/application.h"

namespace poolbench::init {

/// What marks a line of what is written that its reader has to look at.
inline constexpr const char* kEditMark = "# EDIT:";

/// A name that a scenario may have, made from that of a folder.
std::string plain_name(const std::string& folder);

/// A target.toml with what is known of the application.
std::string target_text(const Application& application, const std::string& name);

/// A scenario that uses it: the parameter most worth comparing, or the number of connections.
std::string scenario_text(const Application& application, const std::string& name);

}  // namespace poolbench::init
