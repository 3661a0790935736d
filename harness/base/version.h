#pragma once

namespace poolbench::base {

extern const char* const kVersion;  ///< "0.1.0"
extern const char* const
    kRevision;  ///< git commit the build was configured from, "unknown" outside git
extern const char* const kBuild;  ///< "release", "debug"

}  // namespace poolbench::base
