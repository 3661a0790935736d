#pragma once

#include <map>
#include <string>
#include <string_view>

namespace poolbench::base {

/// Variables of a process by name.
using Environment = std::map<std::string, std::string>;

/// What our caller gave us, whole.
Environment own_environment();

/// What every program may have of the caller's environment, whatever it is: PATH, HOME, USER,
/// LOGNAME, LANG, LC_*, TZ, TMPDIR and LD_LIBRARY_PATH, those that are set.
Environment standard_environment(const Environment& caller = own_environment());

/// Whether `pattern` means the variable: its name, or the beginning of names and a '*'.
bool means_variable(std::string_view pattern, std::string_view name);

/// Whether libpq reads the variable. It would send whoever connects without knowing to another
/// server, or in another way.
bool is_libpq_variable(std::string_view name);

/// Takes libpq's variables out of our own environment, so that neither our sessions nor what
/// inherits everything sees them. To be called before there is a second thread.
void forget_libpq_variables();

}  // namespace poolbench::base
