#pragma once

#include <string>

#include "base/placeholder.h"
#include "scenario/toml/reader.h"
#include "scenario/toml/setting.h"

namespace poolbench::scenario {

/// Makes a mistake of each placeholder in `value` (a string, or whatever holds strings) that is not
/// known at `place`. `path` is how messages call the value.
void check_placeholders(const Setting& value, base::TextPlace place, const std::string& path,
                        Mistakes& mistakes);

/// The same for the value of `key`, if there is one.
void check_placeholders(TableReader& reader, std::string_view key, base::TextPlace place);

}  // namespace poolbench::scenario
