package dev.maestro.langchain4j;

import dev.langchain4j.model.chat.response.ChatResponse;
import dev.maestro.failure.Failure;

/** What reaches a launch that waits for its model. */
sealed interface Heard {

  /** A piece of what the model says. */
  record Piece(String text) implements Heard {}

  /** A piece of what it thinks. */
  record Thought(String text) implements Heard {}

  /** It is at something that can only be passed on as a whole, such as the call of a tool. */
  record Sign() implements Heard {}

  /** All that it says, at the end of a call. */
  record Answer(ChatResponse response) implements Heard {}

  /** The call came to nothing. */
  record Broken(Throwable cause) implements Heard {}

  /** Somebody or a limit ends the launch. */
  record Stop(Failure why) implements Heard {}
}
