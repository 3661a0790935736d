#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "compare/facts.h"

// What of a report's conditions must match for a comparison to make sense (docs/method.md,
// "Guards").

namespace poolbench::compare {

inline constexpr const char* kData = "environment.target.data_sha256";
inline constexpr const char* kDataInputs = "environment.target.data_inputs_sha256";
inline constexpr const char* kPostgresVersion = "environment.postgres.version";

/// What a difference between two reports means for a comparison.
enum class Weight {
  kNone,      ///< nothing
  kBlocking,  ///< it makes no sense
  kNotable,   ///< it may be explained by that
  kChanged,   ///< that is probably what is compared
};
Weight weight_of(const std::string& path, const base::Json& base, const base::Json& head);

/// Whether a fact that both sides know must be the same, however it is written.
bool must_match(std::string_view path);
/// A setting of PostgreSQL that both sides must have, or leave at its default. What a scenario
/// itself sets stands in its cells, too.
bool is_binding_setting(std::string_view path);

/// "17" of "17.5 (Debian 17.5-1)".
base::Json major_version(const base::Json& version);

/// All versions of such a PostgreSQL are built alike, so that a version is all that differs.
bool is_of_wheels(const Facts& facts);

}  // namespace poolbench::compare
