package dev.maestro.testing;

import dev.maestro.agent.AgentEvent;
import dev.maestro.agent.PermissionRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What was done, without secrets.
 *
 * <p>A model that speaks while it thinks of the next word says a secret in pieces, none of which is
 * one. Pieces stay pieces unless together they hold one; then they become one.
 */
final class Hushed {

  private final Scrub scrub;
  private final List<Deed> clean = new ArrayList<>();
  private final List<AgentEvent> pieces = new ArrayList<>();

  private Hushed(Scrub scrub) {
    this.scrub = scrub;
  }

  static List<Deed> of(List<Deed> deeds, Scrub scrub) {
    Hushed hushed = new Hushed(scrub);
    deeds.forEach(hushed::add);
    hushed.endPieces();
    return hushed.clean;
  }

  private void add(Deed deed) {
    if (deed instanceof Deed.Tells told && isPiece(told.event())) {
      if (!pieces.isEmpty() && pieces.get(0).getClass() != told.event().getClass()) {
        endPieces();
      }
      pieces.add(told.event());
    } else {
      endPieces();
      clean.add(clean(deed));
    }
  }

  private static boolean isPiece(AgentEvent event) {
    return event instanceof AgentEvent.Text || event instanceof AgentEvent.Thinking;
  }

  private void endPieces() {
    if (pieces.isEmpty()) {
      return;
    }
    Function<String, AgentEvent> saying =
        pieces.get(0) instanceof AgentEvent.Text ? AgentEvent.Text::new : AgentEvent.Thinking::new;
    List<String> texts = pieces.stream().map(Hushed::text).map(scrub).toList();
    String whole = scrub.apply(pieces.stream().map(Hushed::text).collect(Collectors.joining()));
    List<String> said = String.join("", texts).equals(whole) ? texts : List.of(whole);
    said.forEach(text -> clean.add(new Deed.Tells(saying.apply(text))));
    pieces.clear();
  }

  private static String text(AgentEvent piece) {
    return piece instanceof AgentEvent.Text said
        ? said.text()
        : ((AgentEvent.Thinking) piece).text();
  }

  private Deed clean(Deed deed) {
    if (deed instanceof Deed.Asks asked) {
      PermissionRequest request = asked.request();
      String input = scrub.apply(request.input());
      return new Deed.Asks(
          new PermissionRequest(scrub.apply(request.tool()), input, request.granted()),
          asked.allowed());
    }
    return deed instanceof Deed.Tells told ? new Deed.Tells(clean(told.event())) : deed;
  }

  private AgentEvent clean(AgentEvent event) {
    if (event instanceof AgentEvent.ToolUse use) {
      return new AgentEvent.ToolUse(use.id(), scrub.apply(use.tool()), scrub.apply(use.input()));
    } else if (event instanceof AgentEvent.ToolResult result) {
      return new AgentEvent.ToolResult(result.id(), result.ok(), scrub.apply(result.output()));
    }
    return event;
  }
}
