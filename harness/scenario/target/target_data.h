#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "scenario/target/target_file.h"
#include "scenario/target/target_params.h"
#include "scenario/toml/reader.h"

// How a target's data are made, and the files that are rendered for it: [data] and [file.NAME] of a
// target.toml.

namespace poolbench::scenario {

/// The path of the table of a data set's parameters.
inline constexpr const char* kDataParams = "data.params";

/// Whether {word} is a parameter of the data.
bool is_data_word(std::string_view word);

/// Files and folders whose content is to be hashed: one that holds nothing would never change, and
/// is a mistake.
std::vector<std::string> read_inputs(TableReader& reader, const std::filesystem::path& folder);

/// The table [data] of a target.toml that stands in `folder`.
TargetSpec::Data read_data(TableReader& top, const std::filesystem::path& folder);

/// The placeholders {file.NAME} of the tables [file.NAME].
base::OtherWords file_words(TableReader& top);

/// What templates may hold.
struct TemplateWords {
  base::OtherWords more;               ///< beside those that every template may
  std::vector<UnfilledWord> unfilled;  ///< of those that every template may
  base::TextPlace place = base::TextPlace::kTemplate;
};

/// The tables [file.NAME]: their templates are read once, here. A placeholder that is not known, or
/// that nothing fills, is a mistake at its place in the template.
std::map<std::string, FileTemplate> read_files(TableReader& top,
                                               const std::filesystem::path& folder,
                                               const TemplateWords& words);

}  // namespace poolbench::scenario
