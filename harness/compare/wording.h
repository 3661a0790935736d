#pragma once

#include <string>
#include <vector>

#include "compare/between_reports.h"

// Pieces of text that the forms of a diff share.

namespace poolbench::compare {

/// "requests/s".
std::string metric_label(const DiffRow& row);
/// "1054 ±1.0 %", "1054 (n=3)" without an interval, "257 pooled" without an estimate, "–" without a
/// value.
std::string level_text(const DiffRow& row, const Level& level);
/// "−5.3 %", or "–".
std::string change_text(const DiffRow& row);
/// "[−6.2, −3.9]" in per cent, or empty.
std::string interval_text(const DiffRow& row);
/// ".002", "<.001", or empty.
std::string p_text(const DiffRow& row);
/// "✗ regressed".
std::string verdict_text(const DiffRow& row);
/// What a reader has to know of the diff as a whole, a sentence each.
std::vector<std::string> remarks(const Diff& diff);

}  // namespace poolbench::compare
