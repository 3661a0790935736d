#pragma once

#include <map>
#include <string>

#include "base/result.h"

namespace poolbench::service {

/// libpq connection parameters by keyword ("host", "port", "user", "password", "dbname", …).
using Conninfo = std::map<std::string, std::string>;

/// Reads a libpq DSN ("host=… dbname=…") or URI ("postgresql://…").
base::Result<Conninfo> parse_conninfo(const std::string& dsn);

/// The parameters as libpq reads them from a program's environment: PGHOST, PGPORT, PGUSER, …
std::map<std::string, std::string> to_environment(const Conninfo& conninfo);

/// The parameters that a program with these variables would use.
Conninfo from_environment(const std::map<std::string, std::string>& environment);

/// The parameters as a DSN, in libpq's own quoting.
std::string to_dsn(const Conninfo& conninfo);

}  // namespace poolbench::service
