#include "cli/commands.h"

#include <fmt/format.h>

#include <array>
#include <ostream>
#include <span>
#include <string>
#include <string_view>

#include "cli/apiserver.h"
#include "cli/streams.h"
#include "cli/validate.h"

namespace kthena::cli {

namespace {

struct Command {
  std::string_view name;
  std::string_view summary;
  int (*run)(std::span<const std::string_view> arguments, const Streams& streams);
};

constexpr std::array kCommands{
    Command{"apiserver", "serve the Kubernetes API from this process", &run_apiserver},
    Command{"validate", "check files of manifests without a cluster", &run_validate}};

std::string usage() {
  std::string text =
      "kthena - works with models served on Kubernetes\n\nUsage: kthena COMMAND …\n\n";
  for (const Command& command : kCommands) {
    text += fmt::format("  {:<10} {}\n", command.name, command.summary);
  }
  return text + "\n`kthena COMMAND --help` tells more.\n";
}

}  // namespace

int run(std::span<const std::string_view> arguments, const Streams& streams) {
  if (arguments.empty()) {
    streams.err << usage();
    return kMisuse;
  }
  const std::string_view name = arguments.front();
  if (name == "--help" || name == "-h" || name == "help") {
    streams.out << usage();
    return kGood;
  }
  for (const Command& command : kCommands) {
    if (command.name == name) {
      return command.run(arguments.subspan(1), streams);
    }
  }
  streams.err << fmt::format("kthena: there is no command '{}'\n\n{}", name, usage());
  return kMisuse;
}

}  // namespace kthena::cli
