package dev.maestro.git;

import dev.maestro.git.Joining.Joined;
import dev.maestro.workspace.DiffText;
import dev.maestro.workspace.Preview;
import dev.maestro.workspace.PreviewRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.eclipse.jgit.lib.ObjectId;

/** Shows what commits come to together; what is tried for it has no ref and is left to git. */
final class Previewing {

  private static final String MESSAGE = "What would be approved\n";

  private final GitRepository repository;
  private final Joining joining;
  private final Differences differences;

  Previewing(GitRepository repository, Joining joining) {
    this.repository = repository;
    this.joining = joining;
    this.differences = new Differences(repository);
  }

  /**
   * {@return what the sources change on the tip of the branch, or without one on what they and the
   * run have in common}
   */
  Preview of(
      Optional<ObjectId> tip,
      Optional<ObjectId> start,
      List<ObjectId> sources,
      PreviewRequest request)
      throws InterruptedException {
    ObjectId from = tip.orElseGet(() -> inCommon(start, sources));
    Joined joined =
        tip.isPresent()
            ? joining.join(tip.get(), sources, MESSAGE)
            : joining.join(sources.get(0), sources.subList(1, sources.size()), MESSAGE);
    return joined instanceof Joined.Conflict conflict
        ? apart(from, sources, conflict, request.maxCharacters())
        : together(from, ((Joined.Commit) joined).commit(), request.maxCharacters());
  }

  private ObjectId inCommon(Optional<ObjectId> start, List<ObjectId> sources) {
    ObjectId common = start.orElse(sources.get(0));
    for (ObjectId source : sources) {
      common = repository.common(common, source).orElse(common);
    }
    return common;
  }

  private Preview together(ObjectId from, ObjectId to, int maxCharacters) {
    ObjectId before = repository.treeOf(from);
    ObjectId after = repository.treeOf(to);
    return new Preview(
        List.of(before.name(), after.name()),
        differences.text(before, after, maxCharacters),
        differences.name(before, after));
  }

  private Preview apart(
      ObjectId from, List<ObjectId> sources, Joined.Conflict conflict, int maxCharacters) {
    ObjectId before = repository.treeOf(from);
    List<String> trees = new ArrayList<>(List.of(before.name()));
    StringBuilder text = new StringBuilder();
    text.append(conflict.message()).append(": ").append(String.join(", ", conflict.paths()));
    text.append('\n');
    for (ObjectId source : sources) {
      ObjectId after = repository.treeOf(source);
      trees.add(after.name());
      if (text.length() < maxCharacters) {
        text.append(differences.text(before, after, maxCharacters));
      }
    }
    return new Preview(trees, DiffText.cut(text.toString(), maxCharacters));
  }
}
