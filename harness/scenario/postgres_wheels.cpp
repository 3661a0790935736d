#include "scenario/postgres_wheels.h"

#include <algorithm>

namespace poolbench::scenario {

std::vector<PostgresWheel> parse_postgres_lock(std::string_view text) {
  const std::string key = std::string(kPostgresWheels) + "==";
  std::vector<PostgresWheel> wheels;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (line.starts_with(key)) {
      const std::string_view rest = line.substr(key.size());
      PostgresWheel& wheel = wheels.emplace_back();
      wheel.version = rest.substr(0, rest.find_first_not_of("0123456789."));
      wheel.major = wheel.version.substr(0, wheel.version.find('.'));
    }
    if (!wheels.empty() && !line.empty()) wheels.back().locked += std::string(line) + "\n";
  }
  return wheels;
}

const std::vector<PostgresWheel>& postgres_wheels() {
  static const std::vector<PostgresWheel> wheels = parse_postgres_lock(kPostgresLock);
  return wheels;
}

const PostgresWheel* find_postgres_wheel(std::string_view major) {
  const auto& wheels = postgres_wheels();
  const auto found = std::ranges::find(wheels, major, &PostgresWheel::major);
  return found == wheels.end() ? nullptr : &*found;
}

}  // namespace poolbench::scenario
