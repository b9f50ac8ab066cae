import { Failure } from '../../model/failure.ts';
import type { Caller } from '../../model/identity.ts';
import type { ProjectId } from '../../model/ids.ts';
import type { Image, ImageMember } from '../../model/image.ts';
import type { Queries } from '../../store/promise/store.ts';
import { forbidden } from '../http/access.ts';
import { type Route, route } from '../http/route.ts';
import { CreateMember, ImageParams, MemberParams, UpdateMember } from './schemas.ts';
import { memberList, memberShape } from './shapes.ts';
import { memberView } from './views.ts';
import { isOwnedBy, ownImage, visibleImage } from './visible-image.ts';

/** Glance's `image_member_quota`. */
const MAX_MEMBERS = 128;

/** /v2/images/{id}/members. */
export const memberRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v2/images/:id/members',
    access: 'reader',
    policy: 'get_members',
    summary: 'List the projects that an image is shared with',
    schemas: { params: ImageParams },
    status: 200,
    response: memberList,
    handle: async ({ params, caller, parts }) => {
      const image = await visibleImage(parts.store, caller, params.id);
      const members = await membersFor(parts.store, image, caller);
      return { members: members.map(memberView), schema: '/v2/schemas/members' };
    },
  }),
  route({
    method: 'POST',
    path: '/v2/images/:id/members',
    access: 'member',
    policy: 'add_member',
    summary: 'Share an image with a project',
    schemas: { params: ImageParams, body: CreateMember },
    status: 200,
    response: memberShape,
    handle: async ({ params, body, caller, parts }) => {
      const memberId = body.member as ProjectId;
      const now = parts.now();
      const member = await parts.store.transaction(async (tx) => {
        const image = await ownImage({ store: tx, caller, policy: 'add_member' }, params.id);
        requireRoomFor(memberId, image, await sharedWith(tx, image));
        const added: ImageMember = {
          imageId: image.id,
          memberId,
          status: 'pending',
          createdAt: now,
          updatedAt: now,
        };
        await tx.images.putMember(added);
        return added;
      });
      return memberView(member);
    },
  }),
  route({
    method: 'GET',
    path: '/v2/images/:id/members/:member',
    access: 'reader',
    policy: 'get_member',
    summary: 'Show a project that an image is shared with',
    schemas: { params: MemberParams },
    status: 200,
    response: memberShape,
    handle: async ({ params, caller, parts }) => {
      const image = await visibleImage(parts.store, caller, params.id);
      return memberView(memberNamed(params, await membersFor(parts.store, image, caller)));
    },
  }),
  route({
    method: 'PUT',
    path: '/v2/images/:id/members/:member',
    access: 'member',
    policy: 'modify_member',
    summary: 'Accept or reject an image that is shared',
    schemas: { params: MemberParams, body: UpdateMember },
    status: 200,
    response: memberShape,
    handle: async ({ params, body, caller, parts }) => {
      const changed = await parts.store.transaction(async (tx) => {
        const image = await visibleImage(tx, caller, params.id);
        const member = memberNamed(params, await membersFor(tx, image, caller));
        if (!caller.isAdmin && member.memberId !== caller.projectId)
          throw forbidden('modify_member', 'image');
        const answered: ImageMember = { ...member, status: body.status, updatedAt: parts.now() };
        await tx.images.putMember(answered);
        return answered;
      });
      return memberView(changed);
    },
  }),
  route({
    method: 'DELETE',
    path: '/v2/images/:id/members/:member',
    access: 'member',
    policy: 'delete_member',
    summary: 'No longer share an image with a project',
    schemas: { params: MemberParams },
    status: 204,
    handle: async ({ params, caller, parts }) => {
      const image = await ownImage({ store: parts.store, caller, policy: 'delete_member' }, params.id);
      const member = memberNamed(params, await sharedWith(parts.store, image));
      await parts.store.images.deleteMember(image.id, member.memberId);
    },
  }),
];

/**
 * @throws {Failure} `conflict` when the project is already a member, `over-quota` when there are too many
 *   members
 */
function requireRoomFor(memberId: ProjectId, image: Image, members: readonly ImageMember[]): void {
  if (members.some((member) => member.memberId === memberId))
    throw new Failure('conflict', `Member ${memberId} is duplicated for image ${image.id}`);
  if (members.length >= MAX_MEMBERS)
    throw new Failure('over-quota', `An image is shared with at most ${MAX_MEMBERS} projects.`);
}

/** @throws {Failure} `forbidden` when the image is not shared */
async function sharedWith(store: Queries, image: Image): Promise<ImageMember[]> {
  if (image.visibility !== 'shared') throw new Failure('forbidden', 'Only shared images have members.');
  return store.images.members(image.id);
}

/** All members for the owner; other members see only themselves. */
async function membersFor(store: Queries, image: Image, caller: Caller): Promise<ImageMember[]> {
  const members = await sharedWith(store, image);
  return isOwnedBy(image, caller) ? members : members.filter(({ memberId }) => memberId === caller.projectId);
}

function memberNamed(params: { id: string; member: string }, members: readonly ImageMember[]): ImageMember {
  const member = members.find(({ memberId }) => memberId === params.member);
  if (member === undefined)
    throw new Failure(
      'not-found',
      `${params.member} not found in the member list of the image ${params.id}.`,
    );
  return member;
}
