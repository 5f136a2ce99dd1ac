package dev.maestro.testing;

import dev.maestro.testing.ModelRequest.Message;
import dev.maestro.testing.ModelRequest.Speaker;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds the turn for a request by what its conversation contains.
 *
 * <p>A conversation belongs to the part whose words its user said last. How often the model has
 * answered since then says which turn is next, so that a request which is sent again gets the same
 * answer. Turns after which there is no answer to count, such as errors, are counted here.
 */
final class ModelScript {

  private final List<Part> parts;
  private final Part otherwise;
  private final @Nullable ModelTurn toolless;
  // guarded by this
  private final Map<String, Integer> unanswered = new HashMap<>();

  /**
   * What is said to prompts with certain words.
   *
   * @param words what a message has to contain
   * @param turns in order; the last one again and again
   */
  record Part(String words, List<ModelTurn> turns) {}

  /** A request and the message of it that decides which part it belongs to. */
  private record Place(Part part, int at) {}

  ModelScript(List<Part> parts, List<ModelTurn> otherwise, @Nullable ModelTurn toolless) {
    this.parts = List.copyOf(parts);
    this.otherwise = new Part("", List.copyOf(otherwise));
    this.toolless = toolless;
  }

  /** {@return the turn of the part that the request belongs to; empty when there is none} */
  Optional<ModelTurn> next(ModelRequest request) {
    if (request.tools().isEmpty() && toolless != null) {
      return Optional.of(toolless);
    }
    return place(request, parts)
        .or(() -> place(request, otherwise.turns().isEmpty() ? List.of() : List.of(otherwise)))
        .map(place -> next(request, place));
  }

  private static Optional<Place> place(ModelRequest request, List<Part> parts) {
    Place latest = null;
    for (Part part : parts) {
      int at = lastWith(part.words(), request.messages());
      if (at >= 0 && (latest == null || at > latest.at())) {
        latest = new Place(part, at);
      }
    }
    return Optional.ofNullable(latest);
  }

  /** {@return the user's last message with these words; where the setup has them, the last one} */
  private static int lastWith(String words, List<Message> messages) {
    int last = -1;
    boolean set = false;
    for (int i = 0; i < messages.size(); i++) {
      Message message = messages.get(i);
      boolean has = message.text().contains(words);
      set |= has && message.speaker() == Speaker.SYSTEM;
      if (message.speaker() == Speaker.USER && (has || set)) {
        last = i;
      }
    }
    return last;
  }

  private synchronized ModelTurn next(ModelRequest request, Place place) {
    List<Message> since = request.messages().subList(place.at() + 1, request.messages().size());
    int answers = (int) since.stream().filter(m -> m.speaker() == Speaker.MODEL).count();
    Part part = place.part();
    int index = answers + unanswered.getOrDefault(part.words(), 0);
    ModelTurn turn = part.turns().get(Math.min(index, part.turns().size() - 1));
    if (!turn.isAnswer()) {
      unanswered.merge(part.words(), 1, Integer::sum);
    }
    return turn;
  }
}
