import {
  type Application,
  type CommentDisplayPart,
  type Context,
  Converter,
  type ProjectReflection,
} from 'typedoc';

/**
 * An entry point's comments name what another one exports as they name their own: whoever reads one has the others beside
 * it. What typedoc has not found where a comment stands is looked for in all of them.
 */
export function linkAcrossEntries(app: Application): void {
  app.converter.on(Converter.EVENT_END, ({ project }: Context) => {
    for (const reflection of Object.values(project.reflections)) {
      const { comment } = reflection;
      if (comment === undefined) continue;
      for (const parts of [comment.summary, ...comment.blockTags.map(({ content }) => content)]) {
        for (const part of parts) linkPart(project, part);
      }
    }
  });
}

function linkPart(project: ProjectReflection, part: CommentDisplayPart): void {
  if (part.kind !== 'inline-tag' || !part.tag.startsWith('@link') || part.target !== undefined) return;
  const [name = '', ...label] = part.text.split('|');
  for (const entry of project.children ?? []) {
    const target = entry.getChildByName(name.trim().split('.'));
    if (target === undefined) continue;
    part.target = target;
    part.text = (label.join('|') || name).trim();
    return;
  }
}
