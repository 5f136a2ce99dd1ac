package dev.maestro.testing;

import com.fasterxml.jackson.databind.JsonNode;
import dev.maestro.testing.ModelTurn.Finish;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A turn as an answer to one request, before it is put into the words of a protocol.
 *
 * @param number of the request
 * @param model who answers
 * @param text its words
 * @param calls of tools, each with an id of its own
 * @param finish how it ends
 * @param input tokens sent and not taken from a cache
 * @param cached tokens sent and taken from a cache
 * @param output tokens received
 */
record ModelAnswer(
    int number,
    String model,
    String text,
    List<Call> calls,
    Finish finish,
    long input,
    long cached,
    long output) {

  /** A call of a tool. */
  record Call(String id, String tool, JsonNode input) {

    /** {@return what is handed over, as text} */
    String arguments() {
      return ModelCall.text(input);
    }
  }

  /** {@return the answer of the turn, with calls of the tools that the request offers} */
  static ModelAnswer of(ModelTurn turn, ModelRequest.Asked asked) {
    ModelTurn.Say say = turn.say();
    List<Call> calls = new ArrayList<>();
    for (ModelCall call : say.calls()) {
      ModelCall.Made made =
          call.among(asked.tools())
              .orElseThrow(
                  () -> new UnscriptedException(call + " is not offered", asked.request()));
      String id = "call_" + asked.request().number() + "_" + calls.size();
      calls.add(new Call(id, made.tool(), made.input()));
    }
    return new ModelAnswer(
        asked.request().number(),
        asked.request().model(),
        text(say, asked.shape()),
        calls,
        say.finishing(),
        say.input(),
        say.cached(),
        say.output());
  }

  /** Who wants an answer of a certain shape could do nothing with the script's words. */
  private static String text(ModelTurn.Say say, JsonNode shape) {
    return shape.isObject() ? ModelCall.text(Schemas.least(shape)) : say.text();
  }

  /** {@return the words one by one, as models say them} */
  List<String> pieces() {
    return text.isEmpty() ? List.of() : Arrays.asList(text.split("(?<=\\s)(?=\\S)"));
  }

  /** The script has no answer to a request. */
  static final class UnscriptedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    UnscriptedException(String what, ModelRequest request) {
      super(
          "the script of this model server has no answer: %s; offered: %s"
              .formatted(what, request.tools()));
    }
  }
}
