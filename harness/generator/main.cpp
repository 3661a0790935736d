// The load generator: a program of its own, so that it is as small as what it needs.
#include "console/entry.h"
#include "generator/command.h"

int main(int argc, char** argv) {
  using namespace poolbench;
  return console::enter({"poolbench load", "Offers load to a web server and measures the answers.",
                         generator::set_up_load},
                        argc, argv);
}
