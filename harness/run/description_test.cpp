#include "run/description.h"

#include <gtest/gtest.h>

namespace poolbench::run {
namespace {

TEST(Description, NamesEachVersionOfAServiceOnce) {
  base::Json known = {{"pgbouncer", "1.18.0"}};
  add_versions(known, {{"pgbouncer", "1.18.0"}});
  EXPECT_EQ(known, base::Json({{"pgbouncer", "1.18.0"}}));
  add_versions(known, {{"pgbouncer", "1.24.1"}, {"c-ares", "1.34"}});
  add_versions(known, {{"pgbouncer", "1.18.0"}});
  EXPECT_EQ(known, base::Json({{"pgbouncer", "1.18.0, 1.24.1"}, {"c-ares", "1.34"}}));
}

}  // namespace
}  // namespace poolbench::run
