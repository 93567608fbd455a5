#include "bench/loadgen/run.h"

#include <fmt/format.h>

#include <utility>

namespace kthena::bench {
namespace {

Nanos seconds(double value) { return static_cast<Nanos>(value * 1e9); }

}  // namespace

Result<Setup> Setup::create(Options& options) {
  const std::string target = options.text("target", "");
  std::optional<StreamSpec> stream;
  if (const auto events = options.number("events", 0); events > 0) {
    const std::string spec =
        fmt::format("events={:.0f},interval_us={:.0f},first_us={:.0f},size={:.0f}", events,
                    options.number("interval-us", 20'000), options.number("first-us", 0),
                    options.number("event-bytes", 240));
    stream = TRY(parse_stream_spec(spec));
  }
  const double body = options.number("body-bytes", 1024);
  if (body < 256) {
    return fail(ErrorCode::InvalidArgument, "--body-bytes: at least 256");
  }
  return Setup{
      .target = TRY(with_context(parse_address(target), "--target")),
      .watch = TRY(Watch::create(options.all("watch"))),
      .calls = CallTemplate(target, static_cast<std::size_t>(body), stream.has_value()),
      .stream = stream,
      .connections = static_cast<std::size_t>(options.number("connections", 64)),
      .warm_up = seconds(options.number("warm-up", 0.2)),
      .measured = seconds(options.number("seconds", 2)),
      .timeout = seconds(options.number("timeout", 10)),
  };
}

ClientConnection* Run::open() {
  auto socket = connect_to(setup_.target);
  if (!socket) {
    tally_.add(Outcome{.kind = OutcomeKind::NotConnected, .detail = socket.error().message()});
    return nullptr;
  }
  ++opened_;
  auto connection = std::make_unique<ClientConnection>(loop_, *this, delays_, *std::move(socket));
  ClientConnection* raw = connection.get();
  connections_.emplace(raw, std::move(connection));
  return raw;
}

void Run::drop(ClientConnection& connection) {
  const auto found = connections_.find(&connection);
  if (found != connections_.end()) {
    loop_.bury(std::move(found->second));
    connections_.erase(found);
  }
}

void Run::give_up_all() {
  std::vector<ClientConnection*> all;
  all.reserve(connections_.size());
  for (const auto& [raw, owner] : connections_) {
    all.push_back(raw);
  }
  for (ClientConnection* connection : all) {
    connection->give_up();
  }
}

std::optional<StreamSpec> Run::next_spec() {
  if (setup_.stream) {
    setup_.stream->id = next_id_++;
  }
  return setup_.stream;
}

void Run::on_finished(ClientConnection& connection, const Outcome& outcome) {
  tally_.add(outcome);
  if (!outcome.reusable) {
    drop(connection);
  }
}

std::string Run::common_fields() const {
  return fmt::format(
      R"({},"calls":{},"connections_opened":{},"body":{{"bytes":{},"hash":"{:016x}"}})",
      tally_.to_json_fields(), tally_.total(), opened_, setup_.calls.body().size(),
      setup_.calls.body_hash());
}

std::string Run::describe(const Histogram& histogram) {
  const auto us = [](Nanos t) { return static_cast<double>(t) / 1e3; };
  return fmt::format(
      R"({{"count":{},"mean":{:.1f},"p50":{:.1f},"p90":{:.1f},"p99":{:.1f},"p999":{:.1f},"max":{:.1f}}})",
      histogram.count(), histogram.mean() / 1e3, us(histogram.quantile(0.5)),
      us(histogram.quantile(0.9)), us(histogram.quantile(0.99)), us(histogram.quantile(0.999)),
      us(histogram.max()));
}

}  // namespace kthena::bench
