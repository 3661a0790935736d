#include "load/external/driver.h"

#include <algorithm>

namespace poolbench::load {

const std::vector<Driver>& drivers() {
  static const std::vector<Driver> all{kOha, kWrk, kAb, kHey, kK6, kVegeta, kH2load};
  return all;
}

const Driver* find_driver(std::string_view name) {
  const auto found = std::ranges::find(drivers(), name, &Driver::name);
  return found == drivers().end() ? nullptr : &*found;
}

}  // namespace poolbench::load
