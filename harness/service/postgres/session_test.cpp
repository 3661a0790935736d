#include "service/postgres/session.h"

#include <gtest/gtest.h>
#include <libpq-fe.h>

#include <memory>

#include "base/environment.h"

namespace poolbench::service {
namespace {

TEST(PostgresSession, EveryVariableThatThisLibpqReadsIsKnown) {
  const std::unique_ptr<PQconninfoOption, void (*)(PQconninfoOption*)> options(PQconndefaults(),
                                                                               &PQconninfoFree);
  ASSERT_NE(options, nullptr);
  for (const auto* option = options.get(); option->keyword != nullptr; ++option) {
    if (option->envvar == nullptr) continue;
    EXPECT_TRUE(base::is_libpq_variable(option->envvar)) << option->envvar;
  }
}

}  // namespace
}  // namespace poolbench::service
