#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <optional>
#include <sstream>
#include <string>

#include "base/file.h"
#include "base/text.h"
#include "doctor/machine.h"

// How checks read the small files in which a kernel tells of itself, and write quantities.

namespace poolbench::doctor {

/// The first line of a file below the machine's root; kBadInput with the reason if it cannot be
/// read.
inline base::Result<std::string> first_line_of(const Machine& machine, const char* path) {
  return base::read_file(machine.root / path).map(base::first_line);
}

/// The integer with which a file begins.
inline base::Result<std::int64_t> number_in(const Machine& machine, const char* path) {
  const auto line = first_line_of(machine, path);
  if (!line) return tl::unexpected(line.error());
  std::int64_t number = 0;
  if (std::istringstream(*line) >> number) return number;
  return base::bad_input(fmt::format("/{} does not hold a number: {}", path, *line));
}

inline constexpr std::uint64_t kMiB = std::uint64_t{1} << 20U;
inline constexpr std::uint64_t kGiB = std::uint64_t{1} << 30U;

/// "512 MiB", "3.4 GiB".
inline std::string size_text(std::uint64_t bytes) {
  if (bytes < kGiB) return fmt::format("{} MiB", bytes / kMiB);
  return fmt::format("{:.1f} GiB", static_cast<double>(bytes) / static_cast<double>(kGiB));
}

}  // namespace poolbench::doctor
