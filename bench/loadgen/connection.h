// One client connection: carries one call at a time and checks what comes back.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "bench/common/histogram.h"
#include "bench/common/loop.h"
#include "bench/common/message_reader.h"
#include "bench/common/socket.h"
#include "bench/loadgen/call.h"
#include "bench/loadgen/outcome.h"
#include "bench/loadgen/stream_check.h"

namespace kthena::bench {

class ClientConnection;

/// The run that owns the connections. Called from inside the connection: it may begin the next
/// call, but destroys a connection only through Loop::bury.
class CallObserver {
 public:
  virtual ~CallObserver() = default;
  virtual void on_connected(ClientConnection& /*connection*/) {}
  virtual void on_first_byte(ClientConnection& /*connection*/) {}
  /// The call is over. Unless outcome.reusable, so is the connection.
  virtual void on_finished(ClientConnection& connection, const Outcome& outcome) = 0;
  /// An idle connection was closed by the peer.
  virtual void on_lost(ClientConnection& /*connection*/) {}
};

class ClientConnection final : public Handler {
 public:
  ClientConnection(Loop& loop, CallObserver& observer, Histogram& delays, Fd socket);

  /// Sends a call, as soon as the connection stands. `calls` outlives the call.
  /// @param intended  the time from which latency counts
  void begin(const CallTemplate& calls, const std::optional<StreamSpec>& spec, Nanos intended);

  void on_ready(std::uint32_t events) override;
  bool busy() const noexcept { return calls_ != nullptr; }

  /// Ends a call that takes too long; reported as Unfinished.
  void give_up();

 private:
  void write();
  /// @param to_the_end  the peer has closed: read until that shows
  void read(bool to_the_end);
  void consume(std::string_view input, Nanos time);
  void on_head();
  void on_body(std::string_view piece, Nanos time);
  void on_end(Nanos time);
  void on_closed(bool broken);
  OutcomeKind kind_at_end() const;
  void finish(OutcomeKind kind, Nanos time, bool reusable);

  CallObserver& observer_;
  Histogram& delays_;
  Fd socket_;
  MessageReader reader_{MessageReader::Kind::Response};
  bool connected_ = false;

  const CallTemplate* calls_ = nullptr;  ///< null while idle
  std::string head_;
  std::size_t sent_ = 0;  ///< bytes of head and body
  std::optional<StreamCheck> check_;
  std::string reply_;  ///< the body of a reply that is not a stream, or the start of an error
  Outcome outcome_;
};

}  // namespace kthena::bench
