// One connection to the backend: reads requests, answers them one after the other.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "bench/backend/stats.h"
#include "bench/common/content.h"
#include "bench/common/loop.h"
#include "bench/common/message_reader.h"
#include "bench/common/socket.h"

namespace kthena::bench {

/// Serves one peer until either side closes. Owns itself by way of the loop: it buries itself.
class BackendConnection final : public Handler {
 public:
  /// @param backend  the number that tells the listening addresses apart
  BackendConnection(Loop& loop, BackendStats& stats, Fd socket, int backend);
  ~BackendConnection() override;

  void on_ready(std::uint32_t events) override;
  /// The next event of a stream is due.
  void on_timer() override;

 private:
  bool answering() const noexcept { return streaming_ || !unsent_.empty(); }

  void read();
  /// False when the connection is of no more use.
  bool consume(std::string_view input);
  void on_head();
  void on_request();
  void answer_get();
  void reply(std::string_view status, std::string_view type, std::string_view body);

  void start_stream();
  void send_due_events();
  void finish_stream(std::string& out);

  void send(std::string_view text);
  void flush();
  /// Goes on with what the peer sent meanwhile.
  void after_reply();
  void close();

  BackendStats& stats_;
  Fd socket_;
  MessageReader reader_{MessageReader::Kind::Request};
  BodyHash hash_;
  std::uint64_t body_bytes_ = 0;
  std::string path_;
  std::string spec_text_;  ///< the x-bench header of the request being read
  bool is_post_ = false;
  bool carried_post_ = false;
  bool close_after_ = false;
  bool closed_ = false;

  std::string held_;    ///< input that came while an answer is under way
  std::string unsent_;  ///< output the socket did not take
  StreamSpec spec_;
  std::uint32_t next_event_ = 0;
  Nanos stream_start_ = 0;
  int backend_;
  bool streaming_ = false;
};

}  // namespace kthena::bench
