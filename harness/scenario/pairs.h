#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scenario/questions.h"

namespace poolbench::scenario {

/// The ids of the cells that the selector under `key` chooses. None is a mistake.
std::vector<std::string> read_cells(TableReader& reader, std::string_view key, const Field& field);

/// {baseline id, candidate id} for the selectors under `baseline` and `candidate`: each candidate
/// with each baseline that has the same settings on every axis which neither selector names. An
/// axis that a cell does not vary counts with the setting the cell has, defaults filled in. No pair
/// is a mistake.
std::vector<std::pair<std::string, std::string>> read_pairs(TableReader& reader,
                                                            const Field& field);

}  // namespace poolbench::scenario
