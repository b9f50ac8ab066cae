import { Type } from '../../model/schema.ts';
import { MAX_PASSWORD_LENGTH } from './password.ts';

/** Characters that XML cannot hold. Guest definitions have the names of users and projects. */
const UNWRITABLE = '\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\ud800-\\udfff\\ufffe\\uffff';
/** A name has at least one character that is not a space (keystone/common/validation/parameter_types.py). */
const NAME = { minLength: 1, pattern: `^[^${UNWRITABLE}]*[^\\s${UNWRITABLE}][^${UNWRITABLE}]*$` } as const;
const Name = Type.String({ ...NAME, maxLength: 255 });
/** A name of a project or domain: at most 64 characters (keystone/resource/schema.py). */
const ShortName = Type.String({ ...NAME, maxLength: 64 });
const Text = Type.String({ maxLength: 65_535, pattern: '^[^\\u0000]*$' });
const OptionalText = Type.Optional(Type.Union([Text, Type.Null()]));
const Id = Type.String({ pattern: '^[a-zA-Z0-9_-]{1,64}$' });
const OptionalId = Type.Optional(Type.Union([Id, Type.Null()]));
const Enabled = Type.Optional(Type.Boolean());
/** Tags of a project (keystone/common/validation/parameter_types.py). */
export const MAX_TAGS = 80;
export const TAG_PATTERN = '^[^,/\\u0000]{1,255}$';
const Tag = Type.String({ pattern: TAG_PATTERN });
const TagList = Type.Array(Tag, { maxItems: MAX_TAGS, uniqueItems: true });
const Tags = Type.Optional(TagList);
const Password = Type.String({ maxLength: MAX_PASSWORD_LENGTH });
const OptionalPassword = Type.Optional(Type.Union([Password, Type.Null()]));

export const ByName = Type.Object({ id: Type.Optional(Type.String()), name: Type.Optional(Type.String()) });
const UserRef = {
  id: Type.Optional(Type.String()),
  name: Type.Optional(Type.String()),
  domain: Type.Optional(ByName),
};
const ProjectRef = Type.Object({ ...UserRef });

/**
 * The body of POST /v3/auth/tokens. `credentials.ts` and `requested-scope.ts` check which fields go
 * together.
 */
export const AuthBody = Type.Object({
  auth: Type.Object({
    identity: Type.Object({
      methods: Type.Array(Type.String(), { minItems: 1, maxItems: 8 }),
      password: Type.Optional(Type.Object({ user: Type.Object({ ...UserRef, password: Password }) })),
      token: Type.Optional(Type.Object({ id: Type.String({ maxLength: 4096 }) })),
    }),
    scope: Type.Optional(
      Type.Union([
        Type.Literal('unscoped'),
        Type.Null(),
        Type.Object({
          project: Type.Optional(ProjectRef),
          domain: Type.Optional(ByName),
          system: Type.Optional(Type.Object({})),
          unscoped: Type.Optional(Type.Object({})),
        }),
      ]),
    ),
  }),
});

const projectFields = { description: OptionalText, enabled: Enabled, tags: Tags };
export const CreateProject = Type.Object({
  project: Type.Object({
    name: ShortName,
    domain_id: OptionalId,
    parent_id: OptionalId,
    is_domain: Type.Optional(Type.Boolean()),
    ...projectFields,
  }),
});
export const UpdateProject = Type.Object({
  project: Type.Object({ name: Type.Optional(ShortName), domain_id: OptionalId, ...projectFields }),
});

const userFields = {
  enabled: Enabled,
  password: OptionalPassword,
  default_project_id: OptionalId,
  description: OptionalText,
  email: OptionalText,
};
export const CreateUser = Type.Object({
  user: Type.Object({ name: Name, domain_id: OptionalId, ...userFields }),
});
export const UpdateUser = Type.Object({
  user: Type.Object({ name: Type.Optional(Name), domain_id: OptionalId, ...userFields }),
});
export const ChangePassword = Type.Object({
  user: Type.Object({ password: Password, original_password: Password }),
});

export const CreateRole = Type.Object({
  role: Type.Object({ name: Name, domain_id: OptionalId, description: OptionalText }),
});
export const UpdateRole = Type.Object({
  role: Type.Object({ name: Type.Optional(Name), description: OptionalText }),
});

export const CreateDomain = Type.Object({
  domain: Type.Object({ name: ShortName, description: OptionalText, enabled: Enabled }),
});
export const UpdateDomain = Type.Object({
  domain: Type.Object({ name: Type.Optional(ShortName), description: OptionalText, enabled: Enabled }),
});

export const ProjectTags = Type.Object({ tags: TagList });
export const TagParams = Type.Object({ id: Type.String(), tag: Type.String() });

export const IdParams = Type.Object({ id: Type.String() });
